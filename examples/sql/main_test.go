package main

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/pingogen/pingogen/examples/sql/database"
	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/stretchr/testify/require"
)

// build compiles the host and the plugin.
func build(t *testing.T) (host, plugin string) {
	dir := t.TempDir()
	cmd := exec.Command("go", "build", "-o", dir+string(os.PathSeparator), ".", "./cmd/sqlite-plugin")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	suffix := ""
	if runtime.GOOS == "windows" {
		suffix = ".exe"
	}
	return filepath.Join(dir, "sql"+suffix), filepath.Join(dir, "sqlite-plugin"+suffix)
}

func TestGeneratedCodeIsCurrent(t *testing.T) {
	out, err := exec.Command("go", "tool", "pingogen", "-check", "./...").CombinedOutput()
	require.NoError(t, err, string(out))
}

// The commands that take a plugin take this one.
func TestCommands(t *testing.T) {
	_, plugin := build(t)
	for _, c := range []struct {
		args []string
		says string
		ok   bool
	}{
		{[]string{"inspect", plugin}, "Open(name string) (driver.Conn, error)", true},
		{[]string{"doctor", "-timeout", "1m", plugin}, "it starts, in ", true},
		{[]string{"diff", plugin, plugin}, "The contracts are the same.", true},
		{[]string{"call", "-timeout", "1m", plugin, "Driver.Open", `":memory:"`}, "driver.Conn is passed by reference", false},
	} {
		out, err := exec.Command("go", append([]string{"tool", "pingogen"}, c.args...)...).CombinedOutput()
		require.Equal(t, c.ok, err == nil, "%v: %s", c.args, out)
		require.Contains(t, string(out), c.says, "%v", c.args)
	}
}

const output = `Ada is number 1
Grace is number 2
another Ada: constraint failed: UNIQUE constraint failed: guests.name (2067)
Ada: 1.65 m, photo [1 2 3], born in 1815, asleep false
Grace: 1.70 m, photo [], born in 1906, asleep true
guest 99: sql: no rows in result set true
`

func TestDatabase(t *testing.T) {
	host, plugin := build(t)
	t.Run("as a program", func(t *testing.T) {
		out, err := exec.Command(host, plugin).CombinedOutput()
		require.NoError(t, err, string(out))
		require.Equal(t, output, string(out))
	})

	p := pingo.New(pingo.Config{Path: plugin, StartTimeout: time.Minute})
	p.Start()
	t.Cleanup(p.Stop)
	driverName := fmt.Sprintf("plugin %p", p) // once for each run of the test
	sql.Register(driverName, database.NewDriverClient(p))
	open := func(t *testing.T, name string) *sql.DB {
		db, err := sql.Open(driverName, name)
		require.NoError(t, err)
		t.Cleanup(func() {
			require.NoError(t, db.Close())
			left := func() bool {
				runtime.GC() // results, for instance, have no Close
				exported, imported := p.References()
				return exported+imported > 0
			}
			for deadline := time.Now().Add(time.Minute); left(); runtime.Gosched() {
				require.True(t, time.Now().Before(deadline), "references are left")
			}
		})
		return db
	}

	t.Run("as a package", func(t *testing.T) {
		db := open(t, ":memory:")
		db.SetMaxOpenConns(1)
		var out bytes.Buffer
		require.NoError(t, demo(t.Context(), db, &out))
		require.Equal(t, output, out.String())
	})

	t.Run("connections at once", func(t *testing.T) {
		db := open(t, "file:"+filepath.ToSlash(filepath.Join(t.TempDir(), "db"))+"?_pragma=busy_timeout(60000)")
		_, err := db.ExecContext(t.Context(), `CREATE TABLE n (i INTEGER)`)
		require.NoError(t, err)
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for range 10 {
					if _, err := db.ExecContext(t.Context(), `INSERT INTO n VALUES (?)`, i); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		var n, sum int
		require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*), sum(i) FROM n`).Scan(&n, &sum))
		require.Equal(t, 80, n)
		require.Equal(t, 280, sum)
	})

	t.Run("types of columns", func(t *testing.T) {
		db := open(t, ":memory:")
		rows, err := db.QueryContext(t.Context(), `SELECT CAST(1 AS INTEGER) AS i`)
		require.NoError(t, err)
		columns, err := rows.ColumnTypes()
		require.NoError(t, err)
		require.Equal(t, "i", columns[0].Name())
		require.NoError(t, rows.Close())
	})

	t.Run("a context that ends", func(t *testing.T) {
		db := open(t, ":memory:")
		// The call is over at once, while SQLite is still being interrupted: what is asked
		// next on the same connection may be interrupted as well.
		db.SetMaxIdleConns(-1)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		var n int
		err := db.QueryRowContext(ctx, `WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT count(*) FROM c`).Scan(&n)
		require.Error(t, err) // the context's, or SQLite's for being interrupted, whichever comes first
		require.Error(t, ctx.Err())
		require.NoError(t, db.QueryRowContext(t.Context(), `SELECT 1`).Scan(&n))
	})

	t.Run("values of each type", func(t *testing.T) {
		direct, err := sql.Open("sqlite", ":memory:") // the same driver, in this process
		require.NoError(t, err)
		defer direct.Close()
		want := values(t, direct)
		require.Len(t, want, 7)
		require.IsType(t, time.Time{}, want[5])
		require.Nil(t, want[6])
		require.Equal(t, want, values(t, open(t, ":memory:")))
	})

	t.Run("transactions and a prepared query", func(t *testing.T) {
		db := open(t, ":memory:")
		db.SetMaxOpenConns(1)
		_, err := db.ExecContext(t.Context(), `CREATE TABLE n (i INTEGER)`)
		require.NoError(t, err)
		insert := func(i int, end func(*sql.Tx) error) {
			tx, err := db.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			result, err := tx.ExecContext(t.Context(), `INSERT INTO n VALUES (?), (?)`, i, i)
			require.NoError(t, err)
			affected, err := result.RowsAffected()
			require.NoError(t, err)
			require.EqualValues(t, 2, affected)
			require.NoError(t, end(tx))
		}
		insert(1, (*sql.Tx).Commit)
		insert(2, (*sql.Tx).Rollback)
		count, err := db.PrepareContext(t.Context(), `SELECT count(*) FROM n WHERE i = ?`)
		require.NoError(t, err)
		defer count.Close()
		for i, want := range []int{0, 2, 0} {
			var n int
			require.NoError(t, count.QueryRowContext(t.Context(), i).Scan(&n))
			require.Equal(t, want, n)
		}
	})

	t.Run("optional interfaces", func(t *testing.T) {
		db := open(t, ":memory:")
		conn, err := db.Conn(t.Context())
		require.NoError(t, err)
		defer conn.Close()
		require.NoError(t, conn.Raw(func(c any) error {
			require.Implements(t, (*driver.QueryerContext)(nil), c)
			require.Implements(t, (*driver.SessionResetter)(nil), c)
			return nil
		}))
	})

	t.Run("a plugin that is gone", func(t *testing.T) {
		gone := pingo.New(pingo.Config{Path: plugin, StartTimeout: time.Minute})
		gone.Start()
		driverName := fmt.Sprintf("gone %p", gone)
		sql.Register(driverName, database.NewDriverClient(gone))
		db, err := sql.Open(driverName, ":memory:")
		require.NoError(t, err)
		defer db.Close()
		require.NoError(t, db.PingContext(t.Context()))
		gone.Stop()
		require.Error(t, db.PingContext(t.Context()))
	})
}

// values writes one of each type, and returns what is read.
func values(t *testing.T, db *sql.DB) []any {
	db.SetMaxOpenConns(1)
	_, err := db.ExecContext(t.Context(), `CREATE TABLE v (i INTEGER, f REAL, b BOOLEAN, s TEXT, x BLOB, t DATETIME, n TEXT)`)
	require.NoError(t, err)
	at := time.Date(2024, time.February, 29, 12, 30, 15, 0, time.UTC)
	_, err = db.ExecContext(t.Context(), `INSERT INTO v VALUES (?, ?, ?, ?, ?, ?, ?)`, int64(math.MinInt64), 0.1, true, "a\x00ü", []byte{0, 255}, at, nil)
	require.NoError(t, err)
	var b bool
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT b FROM v`).Scan(&b))
	require.True(t, b)
	out := make([]any, 7)
	pointers := make([]any, len(out))
	for i := range out {
		pointers[i] = &out[i]
	}
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT * FROM v`).Scan(pointers...))
	return out
}
