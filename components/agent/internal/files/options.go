package files

import (
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"flotilla.dev/agent/internal/cli"
)

type options struct {
	install     string
	folders     []folder
	files       []file
	sets        []set
	follow      time.Duration
	readyListen string
}

// folder is a directory with the mode that it shall have.
type folder struct {
	path string
	mode fs.FileMode
}

// file is one whose content comes from somewhere.
type file struct {
	path    string
	mode    fs.FileMode
	content source
}

// set is a directory whose files come, and change, together.
type set struct {
	directory string
	content   source
}

func parse(args []string) (*options, error) {
	flags := cli.NewFlags("files")
	install := flags.String("install", "", "path to which this program copies itself")
	folders := flags.List("folder", "directory and its mode as PATH=MODE")
	files := flags.List("file", "file as PATH=MODE:SOURCE, the source being env:NAME or s3:BUCKET/KEY")
	sets := flags.List("set", "directory of files that change together as PATH=SOURCE")
	follow := flags.Period("follow", 0, "time between two looks for a new content of the sets; 0s: write once and end")
	readyListen := flags.String("ready-listen", "127.0.0.1:15097", "address of GET /ready, when following")
	if err := flags.ParseAll(args); err != nil {
		return nil, err
	}
	o := &options{install: *install, follow: *follow, readyListen: *readyListen}
	if *install != "" && !filepath.IsAbs(*install) {
		return nil, cli.Usagef("--install must be an absolute path, got %q; write for example --install /volumes/agent/agent", *install)
	}
	for _, text := range *folders {
		path, modeText, _ := strings.Cut(text, "=")
		mode, ok := parseMode(modeText)
		if !filepath.IsAbs(path) || !ok {
			return nil, cli.Usagef("--folder must be PATH=MODE, got %q; write for example --folder /volumes/tmp=1777", text)
		}
		o.folders = append(o.folders, folder{path, mode})
	}
	for _, text := range *files {
		path, rest, _ := strings.Cut(text, "=")
		modeText, sourceText, _ := strings.Cut(rest, ":")
		mode, ok := parseMode(modeText)
		content, err := parseSource(sourceText)
		if !filepath.IsAbs(path) || !ok || err != nil {
			return nil, cli.Usagef("--file must be PATH=MODE:SOURCE, got %q; write for example --file /volumes/etc/app.conf=0444:env:FILE_0", text)
		}
		o.files = append(o.files, file{path, mode, content})
	}
	for _, text := range *sets {
		path, sourceText, _ := strings.Cut(text, "=")
		content, err := parseSource(sourceText)
		if !filepath.IsAbs(path) || err != nil {
			return nil, cli.Usagef("--set must be PATH=SOURCE, got %q; write for example --set /volumes/routes=s3:bucket/routes.json", text)
		}
		o.sets = append(o.sets, set{path, content})
	}
	if o.follow > 0 && len(o.sets) == 0 {
		return nil, cli.Usagef("--follow needs a --set to look at; write for example --set /volumes/routes=s3:bucket/routes.json")
	}
	return o, cli.CheckListen("ready-listen", *readyListen)
}

// parseMode reads octal permission bits, the sticky bit among them.
func parseMode(text string) (fs.FileMode, bool) {
	bits, err := strconv.ParseUint(text, 8, 12)
	if err != nil || bits > 0o1777 {
		return 0, false
	}
	mode := fs.FileMode(bits & 0o777)
	if bits&0o1000 != 0 {
		mode |= fs.ModeSticky
	}
	return mode, true
}
