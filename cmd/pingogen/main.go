// Command pingogen generates typed plugin clients and adapters from annotated Go interfaces.
package main

func main() {}
