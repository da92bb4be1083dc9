// Package budget makes a monthly budget of the account, and tells by e-mail when it is nearly spent or will be.
//
// Logical names below a component named budget:
//
//	budget-month  the budget with its notifications
package budget
