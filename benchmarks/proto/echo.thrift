// What Apache Thrift serves. See generate.sh.
namespace go echo

struct Record {
  1: i64 id
  2: string key
  3: double score
  4: string a
  5: string b
  6: string c
  7: i64 at // nanoseconds since 1970
}

service Echo {
  string Small(1: string key, 2: i64 n)
  list<Record> Records(1: list<Record> records)
  binary Bulk(1: binary data)
  void Pause(1: i64 nanoseconds)
}
