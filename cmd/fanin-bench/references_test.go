package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Links between pages lead somewhere, to the heading too.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	checked := 0
	for _, page := range pages(t) {
		for _, found := range link.FindAllStringSubmatch(prose(t, page), -1) {
			target, anchor, _ := strings.Cut(found[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			checked++
			path := page
			if target != "" {
				path = filepath.Join(filepath.Dir(page), target)
			}
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s links to %s: %v", page, found[1], err)
			} else if anchor != "" && !slices.Contains(anchors(read(t, path)), anchor) {
				t.Errorf("%s links to %s, and %s has no such heading", page, found[1], path)
			}
		}
	}
	if checked < 20 {
		t.Errorf("%d links on all pages", checked)
	}
}

// prose returns a page without its fenced blocks.
func prose(t *testing.T, page string) string {
	t.Helper()
	text := read(t, page)
	for _, b := range blocks(text) {
		text = strings.Replace(text, "\n"+b.text+"```\n", "\n", 1)
	}
	return text
}

// anchors returns the names by which the headings of a page can be linked to.
func anchors(page string) (all []string) {
	heading := regexp.MustCompile(`(?m)^#+ (.*)$`)
	for _, found := range heading.FindAllStringSubmatch(page, -1) {
		name := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(found[1]), "")
		all = append(all, strings.ReplaceAll(name, " ", "-"))
	}
	return all
}

// Commands that the text names exist: targets of make, verbs and flags of the program,
// tests and benchmarks of packages.
func TestMentions(t *testing.T) {
	code := regexp.MustCompile("`([^`\n]+)`")
	checked := 0
	for _, page := range pages(t) {
		for _, found := range code.FindAllStringSubmatch(prose(t, page), -1) {
			words := strings.Fields(found[1])
			if len(words) < 2 {
				continue
			}
			var problem string
			switch words[0] {
			case "make":
				problem = unknownTarget(t, words[1:])
			case "fanin-bench", "bin/fanin-bench":
				problem = unknownFlag(t, words[1:])
			case "go":
				problem = unknownTest(t, words[1:])
			default:
				continue
			}
			checked++
			if problem != "" {
				t.Errorf("%s: `%s`: %s", page, found[1], problem)
			}
		}
	}
	if checked < 20 {
		t.Errorf("%d commands in the text of all pages", checked)
	}
}

// unknownTarget says what of the arguments of make is no target; empty if all are.
func unknownTarget(t *testing.T, words []string) string {
	t.Helper()
	for _, word := range words {
		if strings.Contains(word, "=") { // a variable, whose value may have spaces
			break
		}
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(word) + `:`).MatchString(read(t, "Makefile")) {
			return "no target " + word
		}
	}
	return ""
}

// helps are the answers of help, so that each is asked for once.
var helps = map[string]string{}

// help returns what the program says of a verb, or of itself.
func help(t *testing.T, verb string) string {
	t.Helper()
	if helps[verb] == "" {
		helps[verb] = program(t, strings.Fields(verb+" --help")...)
	}
	return helps[verb]
}

// unknownFlag says which of the words is no verb or no flag of the verb.
func unknownFlag(t *testing.T, words []string) string {
	t.Helper()
	if words[0] == "help" {
		return ""
	}
	if strings.HasPrefix(words[0], "-") {
		words = append([]string{""}, words...)
	}
	text := help(t, words[0])
	if !strings.Contains(text, strings.TrimSpace("fanin-bench "+words[0])+" ") {
		return "no verb " + words[0]
	}
	for _, word := range words[1:] {
		flag, _, _ := strings.Cut(word, "=")
		if strings.HasPrefix(flag, "-") && !regexp.MustCompile(`(?m)^ +(-\w, +)?`+flag+`\b|^ +`+flag+`, `).MatchString(text) {
			return words[0] + " has no flag " + flag
		}
	}
	return ""
}

// unknownTest says which tests or benchmarks that go test is to run no package has.
func unknownTest(t *testing.T, words []string) string {
	t.Helper()
	if words[0] != "test" {
		return ""
	}
	dir, names := "", []string{}
	for i, word := range words {
		switch {
		case strings.HasPrefix(word, "./"):
			dir = strings.TrimSuffix(word, "/...")
		case (word == "-run" || word == "-bench" || word == "-skip") && i+1 < len(words):
			names = append(names, strings.Split(strings.Trim(words[i+1], "'\""), "|")...)
		}
	}
	if dir == "" {
		return "it names no package"
	}
	files, err := filepath.Glob(filepath.Join(root, dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		return "no tests in " + dir
	}
	var source strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(text)
	}
	for _, name := range names {
		name, _, _ = strings.Cut(strings.TrimPrefix(name, "Test"), "/") // without the subtest
		if name != "^$" && !regexp.MustCompile(`func (Test|Benchmark|Fuzz|Example)\w*`+regexp.QuoteMeta(name)).MatchString(source.String()) {
			return dir + " has no test or benchmark " + name
		}
	}
	return ""
}
