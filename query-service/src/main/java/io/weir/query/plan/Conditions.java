package io.weir.query.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Gathers, from a parse tree, what the conditions of each {@code SELECT} say of the times and of the tags of the
 * measurements it reads. A row of a measurement may be left out when no row it could make satisfies the condition; no bound
 * is satisfied by a row without a time or without the tag, so an outer join that finds no partner for it changes nothing.
 */
final class Conditions {

    private static final Found NOTHING = new Found(TimePredicate.ANYTHING, TagPredicate.ANYTHING);

    private final List<JsonNode> times = new ArrayList<>();
    private final IdentityHashMap<JsonNode, Found> found = new IdentityHashMap<>();
    private final Map<String, List<Found>> places = new HashMap<>();

    /** What was found of one place. */
    private record Found(TimePredicate times, TagPredicate tags) {}

    /** Reads the condition of a {@code SELECT_NODE}; to be called before its tables are {@linkplain #add added}. */
    void read(JsonNode select) {
        JsonNode condition = select.path("where_clause");
        if (condition.isMissingNode()) {
            return;
        }
        for (Relation relation : Relation.of(select)) {
            TimePredicate ofTimes = new TimeConditions(relation, times).of(condition);
            found.put(relation.node(), new Found(ofTimes, new TagConditions(relation).of(condition)));
        }
    }

    /** Adds one place that names a measurement. */
    void add(TableReference table, JsonNode node) {
        places.computeIfAbsent(EngineNames.key(table.name()), name -> new ArrayList<>())
                .add(found.getOrDefault(node, NOTHING));
    }

    /** The times that were found. */
    TimeBounds times() {
        return TimeBounds.of(
                places.entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey,
                                place -> new TimePredicate.OneOf(place.getValue().stream()
                                        .map(Found::times)
                                        .toList()))),
                times);
    }

    /** The tags that were found. */
    TagBounds tags() {
        return new TagBounds(places.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        place -> TagPredicate.oneOf(
                                place.getValue().stream().map(Found::tags).toList()))));
    }
}
