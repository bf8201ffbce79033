// Package account finds the numbers of users and groups.
package account
