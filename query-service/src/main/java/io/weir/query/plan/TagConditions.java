package io.weir.query.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Finds what the condition of a {@code SELECT} says of the tags of a measurement in its {@code FROM}: comparisons of a column
 * with texts. Whether the column is a tag is not known yet. Whatever is not recognised says nothing, so what makes the
 * engine compare anything but texts by their bytes (another type, a collation, a cast) says nothing either.
 */
record TagConditions(Relation relation) {

    private static final Set<String> BEGINNINGS = Set.of("^@", "starts_with");
    private static final String LIKE = "~~";

    /** Each is tried on every file; one that asks for more hardly leaves one out. */
    private static final int MOST_TEXTS = 1_000;

    /** What that condition says. */
    TagPredicate of(JsonNode condition) {
        return switch (condition.path("type").asString("")) {
            case "CONJUNCTION_AND" -> TagPredicate.allOf(parts(condition));
            case "CONJUNCTION_OR" -> TagPredicate.oneOf(parts(condition));
            case "COMPARE_BETWEEN" -> between(condition);
            case "COMPARE_IN" -> in(condition.path("children"));
            case "FUNCTION" -> like(condition);
            default -> comparison(condition);
        };
    }

    private List<TagPredicate> parts(JsonNode conjunction) {
        List<TagPredicate> parts = new ArrayList<>();
        conjunction.path("children").forEach(child -> parts.add(of(child)));
        return parts;
    }

    /** The engine compares all three as one type, so both bounds have to be texts. */
    private TagPredicate between(JsonNode between) {
        String column = relation.column(between.path("input"));
        TagPredicate.Text low = text(between.path("lower"));
        TagPredicate.Text high = text(between.path("upper"));
        return column == null || low == null || high == null
                ? TagPredicate.ANYTHING
                : new TagPredicate.Between(column, low, high);
    }

    private TagPredicate in(JsonNode children) {
        String column = relation.column(children.path(0));
        if (column == null || children.size() > MOST_TEXTS) {
            return TagPredicate.ANYTHING;
        }
        List<TagPredicate.Text> texts = new ArrayList<>();
        for (int i = 1; i < children.size(); i++) {
            TagPredicate.Text text = text(children.get(i));
            if (text == null) {
                return TagPredicate.ANYTHING;
            }
            texts.add(text);
        }
        return new TagPredicate.Is(column, texts);
    }

    private TagPredicate comparison(JsonNode condition) {
        Relation.Comparison comparison = relation.comparison(condition);
        TagPredicate.Text text = comparison == null ? null : text(comparison.value());
        if (comparison == null || text == null) {
            return TagPredicate.ANYTHING;
        }
        String type = comparison.type();
        if (type.equals("COMPARE_EQUAL")) {
            return new TagPredicate.Is(comparison.column(), List.of(text));
        }
        return type.startsWith("COMPARE_GREATERTHAN")
                ? new TagPredicate.Between(comparison.column(), text, null)
                : new TagPredicate.Between(comparison.column(), null, text);
    }

    private TagPredicate like(JsonNode function) {
        String name = StatementFence.functionName(function);
        JsonNode arguments = function.path("arguments");
        if (arguments.size() != 2 || !(name.equals(LIKE) || BEGINNINGS.contains(name))) {
            return TagPredicate.ANYTHING;
        }
        String column = relation.column(arguments.get(0).path("expression"));
        TagPredicate.Text text = text(arguments.get(1).path("expression"));
        return column == null || text == null ? TagPredicate.ANYTHING : new TagPredicate.Like(column, text);
    }

    private static TagPredicate.@Nullable Text text(JsonNode expression) {
        return switch (expression.path("class").asString("")) {
            case "CONSTANT" -> {
                JsonNode literal = expression.path("literal");
                yield literal.path("kind").asString("").equals("STRING")
                        ? new TagPredicate.Text(literal.path("text").asString(""), null)
                        : null;
            }
            case "PARAMETER" ->
                new TagPredicate.Text(null, expression.path("identifier").asString(""));
            default -> null;
        };
    }
}
