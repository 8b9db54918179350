package suites

import (
	"hash"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// directory writes the content to disk.
func directory(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range content {
		file := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	return dir
}

// The suite passes on the client, and by reference, with and without optional
// interfaces, and what the implementation has is called.
func TestFS(t *testing.T) {
	dir := directory(t)
	for _, test := range []struct {
		files string
		has   []string // what the suite calls if it is there
	}{
		{"map", []string{"Glob", "Lstat", "ReadDir", "ReadFile", "Stat", "Sub"}},
		{"map plain", nil},
		{dir, []string{"Lstat", "ReadDir", "ReadFile", "Stat"}},
		{dir + " plain", nil},
	} {
		t.Run(test.files, func(t *testing.T) {
			p := start(t, test.files)
			require.NoError(t, fstest.TestFS(NewFilesClient(p), names()...))
			requireCalls(t, NewInsideClient(p), test.has)
		})
		t.Run(test.files+" by reference", func(t *testing.T) {
			p := start(t, "map")
			fsys, err := NewLibraryClient(p).FS(t.Context(), test.files)
			require.NoError(t, err)
			require.NoError(t, fstest.TestFS(fsys, names()...))
			requireCalls(t, NewInsideClient(p), test.has)
		})
	}
}

// requireCalls wants each of the methods to have been called, and no other, as
// far as the implementation has it.
func requireCalls(t *testing.T, in *InsideClient, has []string) {
	t.Helper()
	made, err := in.Calls(t.Context())
	require.NoError(t, err)
	require.NotZero(t, made["Open"])
	delete(made, "Open")
	called := make([]string, 0, len(made))
	for name := range made {
		called = append(called, name)
	}
	require.ElementsMatch(t, has, called)
}

// What the implementation has is called at once, and what it lacks is done by the
// package's function.
func TestOptionalMethods(t *testing.T) {
	for _, files := range []string{"map", "map plain"} {
		t.Run(files, func(t *testing.T) {
			p := start(t, files)
			byReference, err := NewLibraryClient(p).FS(t.Context(), files)
			require.NoError(t, err)
			for _, fsys := range []fs.FS{NewFilesClient(p), byReference} {
				found, err := fsys.(fs.GlobFS).Glob("dir/*.txt")
				require.NoError(t, err)
				require.Equal(t, []string{"dir/b.txt"}, found)
				sub, err := fsys.(fs.SubFS).Sub("dir")
				require.NoError(t, err)
				text, err := fs.ReadFile(sub, "b.txt")
				require.NoError(t, err)
				require.Equal(t, "b", string(text))
				_, err = fsys.(fs.ReadFileFS).ReadFile("none")
				require.ErrorIs(t, err, fs.ErrNotExist)
				info, err := fsys.(fs.StatFS).Stat("a.txt")
				require.NoError(t, err)
				require.EqualValues(t, len(content["a.txt"]), info.Size())
				link, err := fsys.(fs.ReadLinkFS).ReadLink("link")
				if files == "map" {
					require.NoError(t, err)
					require.Equal(t, "a.txt", link)
				} else {
					require.ErrorIs(t, err, fs.ErrInvalid)
				}
			}
			has, err := p.Implements(t.Context(), "Files.ReadDir")
			require.NoError(t, err)
			require.Equal(t, files == "map", has)
		})
	}
}

// A proxy has exactly what its value has, in both directions.
func TestOptionalInterfacesOfReferences(t *testing.T) {
	p := start(t, "map")
	lib := NewLibraryClient(p)

	dir, err := NewFilesClient(p).Open("dir")
	require.NoError(t, err)
	require.Implements(t, (*fs.ReadDirFile)(nil), dir)
	entries, err := dir.(fs.ReadDirFile).ReadDir(-1)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	file, err := NewFilesClient(p).Open("a.txt")
	require.NoError(t, err)
	require.NotImplements(t, (*fs.ReadDirFile)(nil), file)

	files := plain{mapFS()}
	there, err := lib.Has(t.Context(), files, dir)
	require.NoError(t, err)
	require.Equal(t, []string{"ReadDirFile", "b"}, there)
	there, err = lib.Has(t.Context(), files, file)
	require.NoError(t, err)
	require.Equal(t, []string{"b"}, there)
	here, err := mapFS().Open("dir")
	require.NoError(t, err)
	there, err = lib.Has(t.Context(), files, here)
	require.NoError(t, err)
	require.Equal(t, []string{"ReadDirFile", "b"}, there)
	require.NoError(t, dir.Close())
	require.NoError(t, file.Close())
}

func TestCombinationsOfOptionalInterfaces(t *testing.T) {
	lib := NewLibraryClient(start(t, "map"))
	for name, want := range map[string][2]bool{"bare": {false, false}, "rgba64": {false, true}, "paletted": {true, true}} {
		img, err := lib.Image(t.Context(), name)
		require.NoError(t, err)
		paletted, isPaletted := img.(image.PalettedImage)
		rgba64, isRGBA64 := img.(image.RGBA64Image)
		require.Equal(t, want, [2]bool{isPaletted, isRGBA64}, name)
		require.Equal(t, image.Rect(0, 0, 2, 2), img.Bounds())
		if isPaletted {
			require.EqualValues(t, 1, paletted.ColorIndexAt(1, 1))
			require.EqualValues(t, 0xffff, rgba64.RGBA64At(1, 1).R)
		}
	}
	for name, want := range map[string][3]bool{"crc32": {true, false, false}, "fnv64": {false, true, true}, "sha256": {false, false, true}} {
		h, err := lib.Hash(t.Context(), name)
		require.NoError(t, err)
		_, is32 := h.(hash.Hash32)
		_, is64 := h.(hash.Hash64)
		cloner, isCloner := h.(hash.Cloner)
		require.Equal(t, want, [3]bool{is32, is64, isCloner}, name)
		if !isCloner {
			continue
		}
		_, err = h.Write([]byte("more"))
		require.NoError(t, err)
		clone, err := cloner.Clone()
		require.NoError(t, err)
		require.Equal(t, h.Sum(nil), clone.Sum(nil))
	}
}
