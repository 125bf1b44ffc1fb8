package io.weir.query.plan;

import io.weir.common.stats.FileTags;
import io.weir.common.stats.TagRange;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a condition says of the tags of rows that satisfy it. A row without the tag satisfies none but {@link Anything}.
 * Tags are named by their keys in the statement.
 */
sealed interface TagPredicate {

    /** A condition that says nothing of tags. */
    TagPredicate ANYTHING = new Anything();

    /** Whether a file may have a row that satisfies it. */
    boolean mayMatch(Facts facts);

    /** What is left of it when only those columns are tags; {@link #ANYTHING} itself when that is nothing. */
    TagPredicate of(Set<String> tags);

    /** All of them hold. */
    static TagPredicate allOf(List<TagPredicate> parts) {
        List<TagPredicate> saying =
                parts.stream().filter(part -> part != ANYTHING).toList();
        return saying.isEmpty() ? ANYTHING : new AllOf(saying);
    }

    /** One of them holds. */
    static TagPredicate oneOf(List<TagPredicate> parts) {
        return parts.isEmpty() || parts.contains(ANYTHING) ? ANYTHING : new OneOf(List.copyOf(parts));
    }

    /**
     * What is known of a file and of the query.
     *
     * @param tags of the file
     * @param names of the measurement's tags by their keys in the statement
     * @param parameters of the query
     */
    record Facts(FileTags tags, Map<String, String> names, QueryParameters parameters) {

        boolean mayHave(String tag, Predicate<TagRange> test) {
            return tags.mayHave(Objects.requireNonNull(names.get(tag)), test);
        }
    }

    /**
     * A text in a statement: one of the two.
     *
     * @param literal the text itself
     * @param parameter name of the parameter whose value is the text
     */
    record Text(@Nullable String literal, @Nullable String parameter) {

        /** The text; null for a parameter that is none. */
        @Nullable
        String value(QueryParameters parameters) {
            return parameter != null && parameters.value(parameter) instanceof String text ? text : literal;
        }
    }

    /** Says nothing. */
    record Anything() implements TagPredicate {
        @Override
        public boolean mayMatch(Facts facts) {
            return true;
        }

        @Override
        public TagPredicate of(Set<String> tags) {
            return ANYTHING;
        }
    }

    /** One tag. */
    sealed interface OfTag extends TagPredicate {

        /** Its key. */
        String tag();

        @Override
        default TagPredicate of(Set<String> tags) {
            return tags.contains(tag()) ? this : ANYTHING;
        }
    }

    /** The tag is one of those. */
    record Is(String tag, List<Text> texts) implements OfTag {
        @Override
        public boolean mayMatch(Facts facts) {
            return facts.mayHave(
                    tag,
                    range -> texts.stream()
                            .map(text -> text.value(facts.parameters()))
                            .anyMatch(value -> value == null || range.mayBe(value)));
        }
    }

    /** The tag is between two texts, either of which may be missing; they are so compared that equal texts are taken too. */
    record Between(String tag, @Nullable Text low, @Nullable Text high) implements OfTag {
        @Override
        public boolean mayMatch(Facts facts) {
            String from = low == null ? null : low.value(facts.parameters());
            String to = high == null ? null : high.value(facts.parameters());
            boolean known = (low == null || from != null) && (high == null || to != null);
            return !known || facts.mayHave(tag, range -> range.mayLieBetween(from, to));
        }
    }

    /** The tag is like a pattern without escapes. */
    record Like(String tag, Text pattern) implements OfTag {
        @Override
        public boolean mayMatch(Facts facts) {
            String text = pattern.value(facts.parameters());
            return text == null || facts.mayHave(tag, range -> range.mayBegin(beginning(text)));
        }

        /** What every value begins with; a backslash may escape what follows it. */
        private static String beginning(String pattern) {
            for (int i = 0; i < pattern.length(); i++) {
                if ("%_\\".indexOf(pattern.charAt(i)) >= 0) {
                    return pattern.substring(0, i);
                }
            }
            return pattern;
        }
    }

    /** All of them hold. */
    record AllOf(List<TagPredicate> parts) implements TagPredicate {
        @Override
        public boolean mayMatch(Facts facts) {
            return parts.stream().allMatch(part -> part.mayMatch(facts));
        }

        @Override
        public TagPredicate of(Set<String> tags) {
            return allOf(parts.stream().map(part -> part.of(tags)).toList());
        }
    }

    /** One of them holds. */
    record OneOf(List<TagPredicate> parts) implements TagPredicate {
        @Override
        public boolean mayMatch(Facts facts) {
            return parts.stream().anyMatch(part -> part.mayMatch(facts));
        }

        @Override
        public TagPredicate of(Set<String> tags) {
            return oneOf(parts.stream().map(part -> part.of(tags)).toList());
        }
    }
}
