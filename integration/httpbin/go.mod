module github.com/postern-go/postern/integration/httpbin

go 1.26.0

require (
	github.com/mccutchen/go-httpbin/v2 v2.26.0
	github.com/postern-go/postern v0.0.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/net v0.62.0
)

require (
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace github.com/postern-go/postern => ../..
