// Package callingeffect has directives without effect, and some with.
package callingeffect

//pingo:plugin
type Store interface {
	//pingo:idempotent
	//pingo:timeout 1m30s
	Get(key string) (string, error)
	//pingo:oneway
	Log(text string) error
	Watch(Watcher) error
	Base
}

// Base is a part of Store.
type Base interface {
	//pingo:idempotent
	Len() (int, error)
}

// Watcher is passed by reference.
type Watcher interface {
	//pingo:timeout 5s
	Slow() error
	//pingo:oneway
	Seen(key string) error
	//pingo:idempotent
	Again() error
}

// Unused is not mentioned.
type Unused interface {
	//pingo:timeout 5s
	Slow() error
}
