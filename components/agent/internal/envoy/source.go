package envoy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// configuration is one consistent state of the source.
type configuration struct {
	lds, rds, cds []byte
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
	if !slices.EqualFunc(first, second, bytes.Equal) {
		return nil, errStillChanging
	}
	c := &configuration{lds: first[0], rds: first[1], cds: first[2]}
	for i, content := range [][]byte{c.lds, c.rds, c.cds} {
		if _, err := resources(content); err != nil {
			return nil, fmt.Errorf("%s: %w", sourceFiles[i], err)
		}
	}
	if err := json.Unmarshal(first[3], &c.clusters); err != nil {
		return nil, fmt.Errorf("services.json: %w", err)
	}
	for _, name := range c.clusters {
		if !clusterName.MatchString(name) {
			return nil, fmt.Errorf("services.json: %q is not a service name or SERVICE:PORTNAME", name)
		}
	}
	return c, nil
}

var sourceFiles = []string{"lds.json", "rds.json", "cds.json", "services.json"}

func readFiles(directory string) ([][]byte, error) {
	contents := make([][]byte, len(sourceFiles))
	for i, name := range sourceFiles {
		var err error
		if contents[i], err = os.ReadFile(filepath.Join(directory, name)); err != nil {
			return nil, err
		}
	}
	return contents, nil
}

func (c *configuration) equals(other *configuration) bool {
	return other != nil && bytes.Equal(c.lds, other.lds) && bytes.Equal(c.rds, other.rds) && bytes.Equal(c.cds, other.cds) && slices.Equal(c.clusters, other.clusters)
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
