package codec

// GeneratedFormat1_IfThisIsUndefined_UpdateTheRuntimeOrRunGoGenerate ties
// generated code to a runtime that understands it. When the format of generated
// code changes, the number does.
const GeneratedFormat1_IfThisIsUndefined_UpdateTheRuntimeOrRunGoGenerate = true

// Nothing is the Message of a method without parameters or without results.
type Nothing struct{}

// Encode writes nothing.
func (*Nothing) Encode(*Encoder) {}

// Decode reads nothing.
func (*Nothing) Decode(*Decoder) {}

// Zero returns the zero value of what its argument points to. Generated code
// lists the fields of a struct with it, to notice when there are others.
func Zero[T any](*T) (zero T) { return zero }
