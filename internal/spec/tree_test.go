package spec

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A tree answers what the Go files of the module declare. Each file is parsed
// once.
type tree struct {
	files  fs.FS
	parsed map[string]*goFile
}

func newTree(files fs.FS) *tree {
	return &tree{files, map[string]*goFile{}}
}

const module = "github.com/postern-go/postern"

// A goFile is what one file declares, imports and says.
type goFile struct {
	names    map[string]bool // "Vars", "Vars.Get", "Engine.StackLimit"
	texts    map[string]bool // string literals
	internal []string        // directories of the internal packages imported
}

// has reports whether there is such a file.
func (t *tree) has(name string) bool {
	info, err := fs.Stat(t.files, name)
	return err == nil && info.Mode().IsRegular()
}

// file returns what a Go file declares; nothing when it is none.
func (t *tree) file(name string) *goFile {
	if f := t.parsed[name]; f != nil {
		return f
	}
	f := &goFile{names: map[string]bool{}, texts: map[string]bool{}}
	t.parsed[name] = f
	source, err := fs.ReadFile(t.files, name)
	if err != nil || path.Ext(name) != ".go" {
		return f
	}
	syntax, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
	if err != nil {
		return f
	}
	for _, spec := range syntax.Imports {
		f.takeImport(spec)
	}
	for _, decl := range syntax.Decls {
		f.declare(decl)
	}
	ast.Inspect(syntax, f.takeText)
	return f
}

// testText reports whether a test has a row of this text: in one of the test
// files of its directory, in a recording of its testdata, which is JSON, or in
// an internal package that the file imports for its rows.
func (t *tree) testText(file, text string) bool {
	dir := path.Dir(file)
	quoted, _ := json.Marshal(text)
	for _, name := range t.glob(dir, "testdata", "*.json") {
		if recorded, err := fs.ReadFile(t.files, name); err == nil && bytes.Contains(recorded, quoted) {
			return true
		}
	}
	names := t.glob(dir, "*_test.go")
	for _, imported := range t.file(file).internal {
		names = append(names, t.glob(imported, "*.go")...)
	}
	return slices.ContainsFunc(names, func(name string) bool { return t.file(name).texts[text] })
}

func (t *tree) glob(elements ...string) []string {
	names, _ := fs.Glob(t.files, path.Join(elements...))
	return names
}

// takeImport takes note of an internal package of the module.
func (f *goFile) takeImport(spec *ast.ImportSpec) {
	name, _ := strconv.Unquote(spec.Path.Value)
	if dir, ok := strings.CutPrefix(name, module+"/"); ok && strings.HasPrefix(dir, "internal/") {
		f.internal = append(f.internal, dir)
	}
}

func (f *goFile) takeText(n ast.Node) bool {
	if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		if text, err := strconv.Unquote(lit.Value); err == nil {
			f.texts[text] = true
		}
	}
	return true
}

func (f *goFile) declare(decl ast.Decl) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		name := decl.Name.Name
		if decl.Recv != nil {
			name = receiver(decl.Recv.List[0].Type) + "." + name
		}
		f.names[name] = true
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			f.declareSpec(spec)
		}
	}
}

func (f *goFile) declareSpec(spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			f.names[name.Name] = true
		}
	case *ast.TypeSpec:
		f.names[spec.Name.Name] = true
		for _, member := range members(spec.Type) {
			for _, name := range member.Names {
				f.names[spec.Name.Name+"."+name.Name] = true
			}
		}
	}
}

// members returns the fields of a struct, or the methods of an interface.
func members(t ast.Expr) []*ast.Field {
	switch t := t.(type) {
	case *ast.StructType:
		return t.Fields.List
	case *ast.InterfaceType:
		return t.Methods.List
	}
	return nil
}

// receiver returns the name of the type that a method is for.
func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.IndexListExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}

// splitName cuts "internal/record.Header.ID" into the directory and the name
// in its package. The package postern is the root of the module.
func splitName(name string) (dir, symbol string) {
	slash := strings.LastIndexByte(name, '/') + 1
	base, symbol, _ := strings.Cut(name[slash:], ".")
	if dir = name[:slash] + base; dir == "postern" {
		dir = "."
	}
	return dir, symbol
}
