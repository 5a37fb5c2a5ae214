package envoy

import "encoding/json"

const httpFilters = "http_filters"

// withFiltersOf is the new listeners, each with the filters that only the old one has in their places among its own: as long
// as old and new routes may hold, every filter that one of them switches on is there.
func withFiltersOf(newer, older []byte) []byte {
	var current, previous map[string]any
	if json.Unmarshal(newer, &current) != nil || json.Unmarshal(older, &previous) != nil || !merge(current, previous) {
		return newer
	}
	return encode(current)
}

// merge says whether it added a filter. Lists are compared item by item, as one listener has one chain and one manager.
func merge(newer, older any) (added bool) {
	switch current := newer.(type) {
	case map[string]any:
		previous, _ := older.(map[string]any)
		for key, value := range current {
			if filters, isList := value.([]any); isList && key == httpFilters {
				old, _ := previous[key].([]any)
				current[key] = mergedFilters(filters, old)
				added = added || len(current[key].([]any)) > len(filters)
			} else if merge(value, previous[key]) {
				added = true
			}
		}
	case []any:
		previous, _ := older.([]any)
		for i := range min(len(current), len(previous)) {
			if nameOf(current[i]) == nameOf(previous[i]) && merge(current[i], previous[i]) {
				added = true
			}
		}
	}
	return added
}

// mergedFilters puts each old filter before the one that it stood before; the last one, the router, both have.
func mergedFilters(newer, older []any) []any {
	present := map[string]bool{}
	for _, filter := range newer {
		present[nameOf(filter)] = true
	}
	before := map[string][]any{}
	var waiting []any
	for _, filter := range older {
		if name := nameOf(filter); present[name] {
			before[name], waiting = waiting, nil
		} else {
			waiting = append(waiting, filter)
		}
	}
	merged := []any{}
	for _, filter := range newer {
		merged = append(append(merged, before[nameOf(filter)]...), filter)
	}
	return merged
}

func nameOf(value any) string {
	named, _ := value.(map[string]any)
	name, _ := named["name"].(string)
	return name
}
