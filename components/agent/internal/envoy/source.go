package envoy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// configuration is one consistent state of the source.
type configuration struct {
	lds, rds, cds []byte
	// What listeners refer to by name: the files of filters and secrets.
	referred map[string][]byte
	// Cluster names: "users" or "users:admin".
	clusters []string
}

var errStillChanging = errors.New("the source changed while it was read")

var clusterName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]*(:[A-Za-z0-9][A-Za-z0-9.-]*)?$`)

// readSource reads the files and refuses them all when one is not valid or changes meanwhile.
func readSource(directory string) (*configuration, error) {
	first, err := readFiles(directory)
	if err != nil {
		return nil, err
	}
	second, err := readFiles(directory)
	if err != nil {
		return nil, err
	}
	if !maps.EqualFunc(first, second, bytes.Equal) {
		return nil, errStillChanging
	}
	c := &configuration{lds: first["lds.json"], rds: first["rds.json"], cds: first["cds.json"], referred: map[string][]byte{}}
	for _, name := range slices.Sorted(maps.Keys(first)) {
		if name == servicesFile {
			continue
		}
		if _, err := resources(first[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if !slices.Contains(sourceFiles, name) {
			c.referred[name] = first[name]
		}
	}
	if err := json.Unmarshal(first[servicesFile], &c.clusters); err != nil {
		return nil, fmt.Errorf("services.json: %w", err)
	}
	for _, name := range c.clusters {
		if !clusterName.MatchString(name) {
			return nil, fmt.Errorf("services.json: %q is not a service name or SERVICE:PORTNAME", name)
		}
	}
	return c, nil
}

const servicesFile = "services.json"

// Those that must be there.
var sourceFiles = []string{"lds.json", "rds.json", "cds.json", servicesFile}

func readFiles(directory string) (map[string][]byte, error) {
	contents := map[string][]byte{}
	others, err := filepath.Glob(filepath.Join(directory, "*.json"))
	if err != nil {
		return nil, err
	}
	for _, path := range others {
		if contents[filepath.Base(path)], err = os.ReadFile(path); err != nil {
			return nil, err
		}
	}
	for _, name := range sourceFiles {
		if _, found := contents[name]; !found {
			return nil, fmt.Errorf("%s: %w", filepath.Join(directory, name), os.ErrNotExist)
		}
	}
	return contents, nil
}

func (c *configuration) equals(other *configuration) bool {
	return other != nil && bytes.Equal(c.lds, other.lds) && bytes.Equal(c.rds, other.rds) && bytes.Equal(c.cds, other.cds) &&
		maps.EqualFunc(c.referred, other.referred, bytes.Equal) && slices.Equal(c.clusters, other.clusters)
}

// resources are the parts of an Envoy discovery file, by name.
func resources(content []byte) (map[string]json.RawMessage, error) {
	var file struct {
		Resources []json.RawMessage `json:"resources"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, err
	}
	byName := map[string]json.RawMessage{}
	for _, resource := range file.Resources {
		var named struct {
			Name string `json:"name"`
		}
		if err := json.Unmarshal(resource, &named); err != nil {
			return nil, err
		}
		byName[named.Name] = resource
	}
	return byName, nil
}

// union is the new clusters and, behind them, the old ones that are not among them.
func union(newer, older []byte) []byte {
	current, err := resources(newer)
	if err != nil {
		return newer
	}
	previous, err := resources(older)
	if err != nil {
		return newer
	}
	var names []string
	for name := range previous {
		if _, found := current[name]; !found {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return newer
	}
	slices.Sort(names)
	var file struct {
		Resources []any `json:"resources"`
	}
	_ = json.Unmarshal(newer, &file) // valid, or resources had failed
	for _, name := range names {
		file.Resources = append(file.Resources, previous[name])
	}
	return encode(discoveryResponse{version(file), file.Resources})
}
