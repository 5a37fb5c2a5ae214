package files

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Names of what is not complete yet; nobody reads those.
const temporaryPattern = ".new-*"

// write puts a file in its place by a rename, so that whoever reads it sees the old one or the new one.
func write(path string, content []byte, mode fs.FileMode) error {
	temporary, err := prepare(filepath.Dir(path), content, mode)
	if err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

func prepare(directory string, content []byte, mode fs.FileMode) (string, error) {
	temporary, err := os.CreateTemp(directory, temporaryPattern)
	if err != nil {
		return "", err
	}
	_, err = temporary.Write(content)
	if err == nil {
		err = temporary.Chmod(mode)
	}
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(temporary.Name())
		return "", err
	}
	return temporary.Name(), nil
}

// install copies this program, so that containers of any image can run it.
func install(path string) error {
	own, err := os.Executable()
	if err != nil {
		return err
	}
	program, err := os.Open(own)
	if err != nil {
		return err
	}
	defer program.Close()
	content, err := io.ReadAll(program)
	if err != nil {
		return err
	}
	return write(path, content, 0o555)
}

// member is a file of a set.
type member struct {
	Content string `json:"content"`
	Mode    string `json:"mode"`
}

// writeSet makes a directory's files those of the content, `{"routes.json": {"content": "…", "mode": "0444"}}`: all are
// written before the first takes its place, and what is not among them goes.
func writeSet(directory string, content []byte) error {
	var members map[string]member
	if err := json.Unmarshal(content, &members); err != nil {
		return fmt.Errorf("it is no set of files: %w", err)
	}
	places := map[string]string{}
	defer func() {
		for temporary := range places {
			os.Remove(temporary) // fails after the rename, as it should
		}
	}()
	for name, one := range members {
		mode, ok := parseMode(one.Mode)
		if !ok || name == "" || strings.Contains(name, "/") || strings.HasPrefix(name, ".") {
			return fmt.Errorf("%q with mode %q is no file of a set", name, one.Mode)
		}
		target := filepath.Join(directory, name)
		if current, err := os.ReadFile(target); err == nil && bytes.Equal(current, []byte(one.Content)) {
			continue
		}
		temporary, err := prepare(directory, []byte(one.Content), mode)
		if err != nil {
			return err
		}
		places[temporary] = target
	}
	for temporary, target := range places {
		if err := os.Rename(temporary, target); err != nil {
			return err
		}
	}
	return removeOthers(directory, members)
}

func removeOthers(directory string, members map[string]member) error {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if _, wanted := members[entry.Name()]; !wanted && !entry.IsDir() {
			if err := os.Remove(filepath.Join(directory, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
