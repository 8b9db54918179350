// Command sql queries a SQLite database that lives in a plugin, through package
// database/sql: nothing of it knows that there is a plugin.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/pingogen/pingogen/examples/sql/database"
	pingo "github.com/pingogen/pingogen/runtime"
)

func main() {
	log.SetFlags(0)
	file := flag.String("database", ":memory:", "file of the database")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: sql [-database file] sqlite-plugin")
	}
	p := pingo.NewPlugin("auto", flag.Arg(0))
	p.Start()
	defer p.Stop()
	sql.Register("sqlite", database.NewDriverClient(p))
	db, err := sql.Open("sqlite", *file)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection to :memory: has a database of its own
	if err := demo(context.Background(), db, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// demo is what a program does with a database.
func demo(ctx context.Context, db *sql.DB, w io.Writer) error {
	if _, err := db.ExecContext(ctx, `CREATE TABLE guests (id INTEGER PRIMARY KEY, name TEXT UNIQUE, height REAL, photo BLOB, born DATE, asleep BOOLEAN)`); err != nil {
		return err
	}
	insert, err := db.PrepareContext(ctx, `INSERT INTO guests (name, height, photo, born, asleep) VALUES (?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, guest := range [][]any{
		{"Ada", 1.65, []byte{1, 2, 3}, time.Date(1815, time.December, 10, 0, 0, 0, 0, time.UTC), false},
		{"Grace", 1.7, nil, time.Date(1906, time.December, 9, 0, 0, 0, 0, time.UTC), true},
	} {
		result, err := insert.ExecContext(ctx, guest...)
		if err != nil {
			return err
		}
		id, _ := result.LastInsertId()
		fmt.Fprintf(w, "%s is number %d\n", guest[0], id)
	}
	_, err = insert.ExecContext(ctx, "Ada", nil, nil, nil, nil)
	fmt.Fprintln(w, "another Ada:", err)

	if err := rolledBack(ctx, db); err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, `SELECT name, height, photo, born, asleep FROM guests WHERE id > ? ORDER BY name`, 0)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var height sql.NullFloat64
		var photo []byte
		var born sql.NullTime
		var asleep sql.NullBool
		if err := rows.Scan(&name, &height, &photo, &born, &asleep); err != nil {
			return err
		}
		fmt.Fprintf(w, "%s: %.2f m, photo %v, born in %d, asleep %t\n", name, height.Float64, photo, born.Time.Year(), asleep.Bool)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	var name string
	err = db.QueryRowContext(ctx, `SELECT name FROM guests WHERE id = 99`).Scan(&name)
	fmt.Fprintln(w, "guest 99:", err, errors.Is(err, sql.ErrNoRows))
	return nil
}

// rolledBack deletes everybody, and thinks better of it.
func rolledBack(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM guests`); err != nil {
		return err
	}
	return tx.Rollback()
}
