package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pingogen/pingogen/examples/callbacks/words"
)

// demo passes a log, texts, callbacks and a writer to the plugin, and gets
// handles and a sequence back.
func demo(ctx context.Context, counter words.Counter) error {
	if err := counter.UseLog(ctx, printer{}); err != nil {
		return err
	}
	animals, err := count(ctx, counter, "gopher heron gopher mole ")
	if err != nil {
		return err
	}
	minerals, err := count(ctx, counter, "agate gypsum ")
	if err != nil {
		return err
	}
	both, err := animals.Merge(ctx, minerals)
	if err != nil {
		return err
	}
	if err := show(ctx, both); err != nil {
		return err
	}
	if err := giveUp(ctx, counter); err != nil {
		return err
	}
	return errors.Join(animals.Close(), minerals.Close(), both.Close(), counter.UseLog(ctx, nil))
}

// printer is a words.Log.
type printer struct{}

func (printer) Log(_ context.Context, message string) error {
	fmt.Println("plugin:", message)
	return nil
}

// count has the plugin read a long text, and hears how far it is.
func count(ctx context.Context, counter words.Counter, text string) (words.Counts, error) {
	told := 0
	counts, err := counter.Count(ctx, strings.NewReader(strings.Repeat(text, 1000)), func(int) error {
		told++
		return nil
	})
	fmt.Printf("count: %d times told of progress\n", told)
	return counts, err
}

// show ranges over words that are in the plugin, and has it write to memory here.
func show(ctx context.Context, counts words.Counts) error {
	found, err := counts.Words(ctx, "g")
	if err != nil {
		return err
	}
	for word, err := range found {
		if err != nil {
			return err
		}
		fmt.Printf("words: %s %d\n", word.Text, word.Count)
	}
	var to bytes.Buffer
	if err := counts.Export(ctx, &to); err != nil {
		return err
	}
	fmt.Printf("export: %d bytes, the last line is %s", to.Len(), to.Bytes()[bytes.LastIndexByte(to.Bytes()[:to.Len()-1], '\n')+1:])
	return nil
}

// giveUp returns an error from a callback, which the plugin returns.
func giveUp(ctx context.Context, counter words.Counter) error {
	_, err := counter.Count(ctx, strings.NewReader(strings.Repeat("gopher ", 5000)), func(int) error { return io.ErrClosedPipe })
	fmt.Printf("count: %v: the callback's own error: %t\n", err, errors.Is(err, io.ErrClosedPipe))
	return nil
}
