// Package golden holds packages with contracts of every kind, and the code that
// is generated for them. They are compiled, vetted and tested with everything
// else; the test here generates them again and compares (-update rewrites them).
package golden
