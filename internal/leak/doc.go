// Package leak fails a test package whose goroutines or descriptors outlive its
// tests.
package leak
