// Package database is the contract between a program and the databases that its
// plugins know. It is the standard library's, and says what that leaves open.
package database

import "database/sql/driver"

//go:generate go tool pingogen

// Driver is a driver.Driver in a plugin, for sql.Register. Methods that have no
// error return zero when a call fails: an IsValid then tells package sql that the
// connection is lost, and the plugin with it.
//
//pingo:plugin failure=zero
//pingo:value database/sql/driver.Result
//pingo:inout database/sql/driver.Rows.Next dest
type Driver = driver.Driver

// ContextConn is a driver.Conn whose methods take contexts.
//
//pingo:optional
type ContextConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
}

// PooledConn is a driver.Conn that tells whether it can be used again.
//
//pingo:optional
type PooledConn interface {
	driver.Conn
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// ContextStmt is a driver.Stmt whose methods take contexts.
//
//pingo:optional
type ContextStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// TypedRows are driver.Rows that know the types of their columns.
//
//pingo:optional
type TypedRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
}
