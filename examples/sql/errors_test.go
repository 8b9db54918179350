package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pingogen/pingogen/examples/sql/database"
	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"
)

// asPlugin makes this test's binary a plugin that serves a moody driver.
const asPlugin = "serve-moody"

func TestMain(m *testing.M) {
	if len(os.Args) < 2 || os.Args[1] != asPlugin {
		os.Exit(m.Run())
	}
	database.RegisterDriver(&moody{})
	fmt.Fprintln(os.Stderr, pingo.Run())
	os.Exit(1)
}

// moody is SQLite with the answers that package sql acts on.
type moody struct{ opened atomic.Int64 }

func (m *moody) Open(name string) (driver.Conn, error) {
	c, err := new(sqlite.Driver).Open(name)
	if err != nil {
		return nil, err
	}
	return &moodyConn{c.(conn), m.opened.Add(1)}, nil
}

// conn is what a SQLite's connection is.
type conn interface {
	database.ContextConn
	database.PooledConn
}

type moodyConn struct {
	conn
	number int64
}

// ExecContext leaves the work to a prepared statement.
func (*moodyConn) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return nil, driver.ErrSkip
}

// QueryContext is done by other connections than the first.
func (c *moodyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if c.number == 1 {
		return nil, driver.ErrBadConn
	}
	return c.conn.QueryContext(ctx, query, args)
}

// Package sql compares these errors by ==, and does what they ask for.
func TestErrorsOfPackageDriver(t *testing.T) {
	program, err := os.Executable()
	require.NoError(t, err)
	p := pingo.New(pingo.Config{Path: program, Args: []string{asPlugin}, StartTimeout: time.Minute})
	p.Start()
	t.Cleanup(p.Stop)
	driverName := fmt.Sprintf("moody %p", p)
	sql.Register(driverName, database.NewDriverClient(p))
	db, err := sql.Open(driverName, ":memory:")
	require.NoError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)

	_, err = db.ExecContext(t.Context(), `CREATE TABLE n (i INTEGER)`)
	require.NoError(t, err) // by the statement, after ErrSkip
	err = db.QueryRowContext(t.Context(), `SELECT i FROM n`).Scan(new(int))
	require.ErrorContains(t, err, "no such table") // by another connection, after ErrBadConn
}
