// Command example uses what the other packages declare. Names that begin with Unused or unused have no user.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"example/depot"
	"example/shop"
)

func main() {
	order := shop.NewOrder(shop.Args{UsedField: 1})
	fmt.Println(order, shop.UsedConstant, order.UsedMethod(), shop.Pair{1, 2}, depot.Measures(shop.Measures{}))
	written, err := json.Marshal(shop.Wire{})
	fmt.Fprintln(os.Stderr, string(written), err)
}

// Excepted has no user and an exception.
const Excepted = 1

func UnusedInProgram() {}
