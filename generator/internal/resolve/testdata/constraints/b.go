package constraints

//pingo:plugin
type B interface{ Do() error }
