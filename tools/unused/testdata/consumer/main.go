// Command consumer is of another module.
package main

import "example/depot"

func main() {
	println(depot.UsedByAnotherModule)
}
