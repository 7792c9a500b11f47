package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The changelog names the packages whose API stays stable. Each of the others says in its
// documentation that it is the program's own, but for commands and those that only this
// module can import.
func TestStability(t *testing.T) {
	_, promise, found := strings.Cut(read(t, "CHANGELOG.md"), "\n## What stays stable\n")
	promise, _, _ = strings.Cut(promise, "\n## ")
	if !found {
		t.Fatal("CHANGELOG.md has no section \"What stays stable\"")
	}
	var stable []string
	for _, name := range regexp.MustCompile("(?m)^- `([a-z/]+)`").FindAllStringSubmatch(promise, -1) {
		stable = append(stable, name[1])
	}
	documented := packageDocs(t)
	for _, name := range stable {
		if documented[name] == "" {
			t.Errorf("CHANGELOG.md promises stability of %s, which is no documented package", name)
		}
	}
	if len(documented) < 8 || len(stable) != 6 {
		t.Errorf("%d packages, of which %v are stable", len(documented), stable)
	}
	for name, doc := range documented {
		says := strings.Contains(strings.Join(strings.Fields(doc), " "), "The package is the program's own")
		if covered := slices.Contains(stable, name); covered && says {
			t.Errorf("%s says that it is the program's own, and CHANGELOG.md that it stays stable", name)
		} else if !covered && !says {
			t.Errorf("%s must say in its documentation: \"The package is the program's own: its API may change with every version.\"", name)
		}
	}
}

// mostFiles is how many files a package may hold before it is to be two: what is read
// together fits on a page. strategies and plots have a file for each strategy and figure.
const mostFiles = 25

func TestPackagesAreSmall(t *testing.T) {
	flat := []string{"strategies", "plots"}
	files := map[string]int{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (name == "testdata" || len(name) > 2 && name[0] == '.') {
			return fs.SkipDir
		} else if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		files[filepath.ToSlash(dir)]++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if files["strategies"] <= mostFiles || len(files) < 30 {
		t.Fatalf("%d packages, strategies of %d files: the repository is somewhere else", len(files), files["strategies"])
	}
	for dir, n := range files {
		if n > mostFiles && !slices.Contains(flat, dir) {
			t.Errorf("%s has %d files, which is more than %d: make a package of some", dir, n, mostFiles)
		}
	}
}

// packageDocs returns the documentation of each package that others can import, by its
// path in the module.
func packageDocs(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if name == "internal" || name == "testdata" || name == "tools" || len(name) > 2 && name[0] == '.' {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil || file.Name.Name == "main" {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		docs[filepath.ToSlash(dir)] += file.Doc.Text()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return docs
}
