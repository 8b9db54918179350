package pingo_test

import (
	"context"
	"math/big"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
	v1 "github.com/pingogen/pingogen/runtime/internal/evolving/v1"
	v2 "github.com/pingogen/pingogen/runtime/internal/evolving/v2"
	v3 "github.com/pingogen/pingogen/runtime/internal/evolving/v3"
	v4 "github.com/pingogen/pingogen/runtime/internal/evolving/v4"
)

// The parameters and results of each version as structs. What has a name in one
// version and none, or another one, in the next has the same name in JSON.

type none struct{}

type (
	v1Put    struct{ Item v1.Item }
	v1Stored struct{ Stored int }
	v1Get    struct{ Key string }
	v1Got    struct{ Item v1.Item }
	v1List   struct {
		Prefix string
		Limit  int32
	}
	v1Listed struct{ Keys []string }
	v1Walk   struct{ Root *v1.Node }
)

var (
	then    = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	v1Item  = v1.Item{Key: "k", Value: []byte{0, 1}, Size: 1 << 30, Old: map[string][]string{"a": {"b"}, "c": nil}}
	v1Node  = &v1.Node{Name: "root", Seen: then, Children: []v1.Node{{Name: "a", Children: []v1.Node{{Name: "b"}}}, {Name: "c", Seen: then}}}
	storeV1 = version{
		client:   func(c pingo.Caller) any { return v1.NewStoreClient(c) },
		register: func() { v1.RegisterStore(implV1{}) },
		args: map[string]any{
			"Put": &v1Put{v1Item}, "Get": &v1Get{"k"}, "List": &v1List{"p", -1}, "Walk": &v1Walk{v1Node}, "Purge": &none{},
		},
		results: map[string]any{
			"Put": &v1Stored{-7}, "Get": &v1Got{v1Item}, "List": &v1Listed{[]string{"x", ""}}, "Walk": &v1Walk{v1Node}, "Purge": &none{},
		},
	}
)

type implV1 struct{}

func (implV1) Put(_ context.Context, item v1.Item) (int, error) {
	saw("Put", &v1Put{item})
	return -7, nil
}

func (implV1) Get(_ context.Context, key string) (v1.Item, error) {
	saw("Get", &v1Get{key})
	return v1Item, nil
}

func (implV1) List(_ context.Context, prefix string, limit int32) ([]string, error) {
	saw("List", &v1List{prefix, limit})
	return []string{"x", ""}, nil
}

func (implV1) Walk(_ context.Context, root *v1.Node) (*v1.Node, error) {
	saw("Walk", &v1Walk{root})
	return v1Node, nil
}

func (implV1) Watch(context.Context, v1.Watcher) error { return nil }

func (implV1) Ping(_ context.Context, text string) (string, error) { return seen[text], nil }

func (implV1) Purge(context.Context) error {
	saw("Purge", &none{})
	return nil
}

type (
	v2Put struct {
		Item      v2.Item
		Overwrite bool
	}
	v2Stored struct {
		Stored   int
		Previous *v2.Item
	}
	v2Got  struct{ Item v2.Item }
	v2List struct {
		Limit  int32
		Prefix string
		Order  v2.Order
	}
	v2Listed struct {
		Keys []string
		More bool
	}
	v2Walk  struct{ Root *v2.Node }
	v2Count struct{ N int }
)

var (
	v2Item = v2.Item{Size: -1, Key: "key", Labels: map[string]string{"l": "m"}, Value: []byte{}, Expires: then, Price: big.NewInt(99), Weight: *big.NewInt(-3)}
	v2Node = &v2.Node{Name: "root", Depth: 1, Children: []v2.Node{{Name: "a", Depth: 2, Seen: then, Children: []v2.Node{}}}}

	storeV2 = version{
		client:   func(c pingo.Caller) any { return v2.NewStoreClient(c) },
		register: func() { v2.RegisterStore(implV2{}) },
		args: map[string]any{
			"Put": &v2Put{v2Item, true}, "Get": &v1Get{"k"}, "List": &v2List{10, "p", v2.Order{Descending: true}}, "Walk": &v2Walk{v2Node},
			"Purge": &none{}, "Count": &none{},
		},
		results: map[string]any{
			"Put": &v2Stored{8, &v2Item}, "Get": &v2Got{v2Item}, "List": &v2Listed{nil, true}, "Walk": &v2Walk{v2Node},
			"Purge": &none{}, "Count": &v2Count{5},
		},
	}
)

type implV2 struct{}

func (implV2) Put(_ context.Context, item v2.Item, overwrite bool) (int, *v2.Item, error) {
	saw("Put", &v2Put{item, overwrite})
	return 8, &v2Item, nil
}

func (implV2) Get(_ context.Context, key string) (v2.Item, error) {
	saw("Get", &v1Get{key})
	return v2Item, nil
}

func (implV2) List(_ context.Context, limit int32, prefix string, order v2.Order) ([]string, bool, error) {
	saw("List", &v2List{limit, prefix, order})
	return nil, true, nil
}

func (implV2) Walk(_ context.Context, root *v2.Node) (*v2.Node, error) {
	saw("Walk", &v2Walk{root})
	return v2Node, nil
}

func (implV2) Ping(_ context.Context, text string) (string, error) { return seen[text], nil }

func (implV2) Purge(context.Context) error {
	saw("Purge", &none{})
	return nil
}

func (implV2) Count(context.Context) (int, error) {
	saw("Count", &none{})
	return 5, nil
}

type (
	v3Put struct {
		Item      v3.Entry
		Overwrite bool
	}
	v3Got  struct{ Item v3.Entry }
	v3List struct {
		Limit  int64
		Prefix string
	}
	v3Walk struct{ Root *v3.Node }
)

var (
	v3Entry = v3.Entry{Key: "entry", Value: []byte("v"), Size: 3}
	v3Node  = &v3.Node{Name: "root", Children: []v3.Node{{Name: "a", Seen: then}}}

	storeV3 = version{
		client:   func(c pingo.Caller) any { return v3.NewStoreClient(c) },
		register: func() { v3.RegisterStore(implV3{}) },
		args: map[string]any{
			"Put": &v3Put{v3Entry, true}, "Get": &v1Get{"k"}, "List": &v3List{1 << 40, "p"}, "Walk": &v3Walk{nil}, "Count": &none{},
		},
		results: map[string]any{
			"Put": &v1Stored{9}, "Get": &v3Got{v3Entry}, "List": &v2Listed{[]string{}, true}, "Walk": &v3Walk{v3Node}, "Count": &v2Count{6},
		},
	}
)

type implV3 struct{}

func (implV3) Put(_ context.Context, item v3.Entry, overwrite bool) (int, error) {
	saw("Put", &v3Put{item, overwrite})
	return 9, nil
}

func (implV3) Get(_ context.Context, name string) (v3.Entry, error) {
	saw("Get", &v1Get{name})
	return v3Entry, nil
}

func (implV3) List(_ context.Context, limit int64, prefix string) ([]string, bool, error) {
	saw("List", &v3List{limit, prefix})
	return []string{}, true, nil
}

func (implV3) Walk(_ context.Context, root *v3.Node) (*v3.Node, error) {
	saw("Walk", &v3Walk{root})
	return v3Node, nil
}

func (implV3) Ping(_ context.Context, text string) (string, error) { return seen[text], nil }

func (implV3) Count(context.Context) (int, error) {
	saw("Count", &none{})
	return 6, nil
}

type (
	v4Put    struct{ Item v4.Item }
	v4Stored struct{ Stored []int }
	v4Got    struct{ Item *v4.Item }
	v4Walk   struct{ Root *v4.Node }
)

var storeV4 = version{
	client:   func(c pingo.Caller) any { return v4.NewStoreClient(c) },
	register: func() { v4.RegisterStore(implV4{}) },
	args:     map[string]any{"Put": &v4Put{v4.Item{Key: "k", Size: "big"}}, "Get": &v1Get{"k"}, "Walk": &v4Walk{&v4.Node{Name: "n"}}},
	results:  map[string]any{"Put": &v4Stored{[]int{1}}, "Get": &v4Got{nil}, "Walk": &v4Walk{nil}},
}

type implV4 struct{}

func (implV4) Put(_ context.Context, item v4.Item) ([]int, error) {
	saw("Put", &v4Put{item})
	return []int{1}, nil
}

func (implV4) Get(_ context.Context, key string) (*v4.Item, error) {
	saw("Get", &v1Get{key})
	return nil, nil
}

func (implV4) Walk(_ context.Context, root *v4.Node) (*v4.Node, error) {
	saw("Walk", &v4Walk{root})
	return nil, nil
}

func (implV4) Watch(context.Context, v4.Watcher) error { return nil }

func (implV4) Ping(_ context.Context, text string) (string, error) { return seen[text], nil }
