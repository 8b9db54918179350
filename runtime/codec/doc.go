// Package codec is what generated code encodes and decodes with.
//
// The encoding is positional: values stand in the order in which they are
// declared, without names or tags. Integers are varints (signed ones zigzag),
// floats are 8 or 4 bytes little-endian, strings and byte slices carry their
// length. Nil and empty are kept apart: a nillable value starts with 0 for nil
// and with its length plus one otherwise. What a type's own marshaler returned
// carries its length plus one as well; a 0 there means that the other side knows
// of no such value, and leaves the zero value. Every value takes at least one
// byte, so that a count can always be checked against the bytes that are left.
//
// Errors are sticky: after the first one, an Encoder writes nothing and a
// Decoder returns zero values, and Err tells what happened. Generated code
// therefore reads as a list of fields.
//
// A value in an interface without methods carries its type ([RegisterType]).
//
// An Encoder or Decoder is for one goroutine at a time.
//
// # Errors
//
// An error crosses with all that it wraps, the texts at every level, and its
// identity where both sides know it:
//
//   - Variables that are registered ([RegisterErrors], which generated code calls
//     for the exported Err variables of a contract's package) are the same
//     variables on the other side, as are those of io, io/fs, os, context,
//     errors, net, strconv and bufio.
//   - Types that are registered, which those of a contract's package are if all
//     of their fields can travel, keep their fields. So do *fs.PathError,
//     *os.LinkError, *os.SyscallError, *strconv.NumError, *time.ParseError,
//     syscall.Errno, *url.Error, *json.SyntaxError, *json.UnmarshalTypeError, and
//     *net.OpError, *net.DNSError, *net.AddrError and *net.ParseError.
//   - Any other error, as those of fmt.Errorf and errors.Join, is a [RemoteError]:
//     its type's name, its text, what Timeout and Temporary answered, and the
//     registered variables that its Is method matched. When it is sent back over the
//     connection that it came from, it is there the variable again, or the error
//     that errors.New returned, if that is among the last 256 of these.
//
// Methods other than these do not cross, nor do errors compare equal across
// but for the variables. An error whose Error method panics crosses as one that
// says so; a type whose fields do not decode here arrives as a RemoteError.
package codec
