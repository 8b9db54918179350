package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Error reads an error: the variable, or an error of the type, if they are known
// here, or else a [RemoteError].
func (d *Decoder) Error() error {
	if !d.Enter() {
		return nil
	}
	defer d.Leave()
	switch head := d.Uint8(); {
	case head == errorNil:
		return nil
	case head == errorCause:
		return d.cause()
	case head&errorForm > errorJoining, head&errorForm == errorNil, head&^(errorForm|errorFlags) != 0:
		d.Fail(fmt.Errorf("unknown kind of error %d", head))
		return nil
	default:
		n := d.errorNode(head)
		if d.err != nil {
			return nil
		}
		return d.restore(&n)
	}
}

// cause reads a reference to a cause of the error whose fields are being decoded.
func (d *Decoder) cause() error {
	i := d.Uint64()
	if i >= uint64(len(d.causes)) || d.causes[i] == nil {
		d.Fail(fmt.Errorf("reference to cause %d, which is not there", i))
		return nil
	}
	cause := d.causes[i]
	d.causes[i] = nil
	return cause
}

func (d *Decoder) errorNode(head uint8) errorNode {
	n := errorNode{form: head & errorForm, typ: d.String(), message: d.String()}
	switch n.form {
	case errorWrapping:
		n.causes = []error{d.Error()}
		if n.causes[0] == nil {
			d.Fail(errors.New("error that wraps nil"))
		}
	case errorJoining:
		n.causes = DecodeSlice(d, (*Decoder).Error)
	}
	if head&errorVariable != 0 {
		n.variable = d.String()
	}
	if head&errorMatches != 0 {
		n.matches = DecodeSlice(d, (*Decoder).String)
	}
	if head&errorAnswers != 0 {
		n.answers = &answers{timeout: d.Bool(), temporary: d.Bool()}
	}
	if head&errorTyped != 0 {
		n.fingerprint = d.Uint64()
		if size := d.take(4); size != nil {
			n.fields = d.take(uint64(binary.LittleEndian.Uint32(size)))
		}
	}
	return n
}

// restore makes the best of an error that is possible here.
func (d *Decoder) restore(n *errorNode) error {
	if err := variableNamed(n.variable); err != nil {
		return err
	}
	if err := ownErrors(d.peer).named(n.variable); err != nil {
		return err
	}
	if err := d.typed(n); err != nil {
		return err
	}
	return n.remote()
}

// typed returns an error of the original's type, or nil if that is not known
// here, has another definition, or makes an error that cannot be printed.
func (d *Decoder) typed(n *errorNode) error {
	t := typeNamed(n.typ)
	if t == nil || n.fields == nil || t.fingerprint != n.fingerprint {
		return nil
	}
	sub := Decoder{buf: n.fields, owned: d.owned, depth: d.depth, causes: slices.Clone(n.causes), texts: d.texts}
	err := t.decode(&sub)
	d.texts = sub.texts
	if sub.err != nil || sub.Remaining() > 0 || !d.printable(err) {
		return nil
	}
	return err
}

// printable tells whether an error can be asked for its text. A type need not
// expect what the other side can put into its fields, a nil for example. The
// texts of honest errors add up to about the size of the message, which has
// them too; more is not looked at.
func (d *Decoder) printable(err error) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	d.texts -= len(err.Error())
	return d.texts >= 0
}
