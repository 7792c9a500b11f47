package cmd

import (
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/fanin-bench/fanin-bench/plots"
)

// The program draws PNGs in full, as stories do not.
func TestPicturesInFull(t *testing.T) {
	inMade(t, "small")
	a := newApp(known())
	a.stdout, a.stderr = io.Discard, io.Discard
	if code := a.execute(t.Context(), []string{"plot", "small"}); code != exitSuccess {
		t.Fatalf("plot exited with %d", code)
	}
	files, err := filepath.Glob(filepath.Join("small", plots.Dir, "*.png"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d pictures, %v", len(files), err)
	}
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.DecodeConfig(file)
		_ = file.Close()
		if err != nil || picture.Width != 1600 {
			t.Errorf("%s is %d pixels wide, want 1600: %v", name, picture.Width, err)
		}
	}
}
