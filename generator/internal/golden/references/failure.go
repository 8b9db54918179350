package references

import "context"

// Level is asked from both of the following.
type Level interface {
	Level() int
	Set(level int) error
	Watch(changed func(level int))
}

// Panicking passes what panics.
//
//pingo:plugin failure=panic
type Panicking interface {
	Level() (Level, error)
	Notify(ctx context.Context, level Level, f func() string) error
}

// Zeroing passes the same, which returns zero values.
//
//pingo:plugin failure=zero
type Zeroing interface {
	Level() (Level, error)
	Holder(ctx context.Context) (Holder, error)
	Notify(ctx context.Context, level Level, f func() string) error
}

// Holder has a Level in a field.
type Holder struct{ Level Level }

// Holding passes a Holder, too.
//
//pingo:plugin failure=panic
type Holding interface {
	Holder(ctx context.Context, h Holder) (Holder, error)
}
