/* claims_tally.c - from single answers to a verdict. */
#include "claims_tally.h"

#include <math.h>

#include "plot_text.h"

const char *verdict_words(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_HOLDS:
        return "holds";
    case VERDICT_HOLDS_WHEN:
        return "holds when";
    case VERDICT_FAILS:
        return "does not hold";
    case VERDICT_NOT_MEASURED:
        break;
    }
    return "not measured yet";
}

enum answer answer_above(struct interval interval, double threshold)
{
    if (interval.low > threshold) {
        return ANSWER_YES;
    }
    return interval.high < threshold ? ANSWER_NO : ANSWER_UNSURE;
}

enum answer answer_within(struct interval interval, double low, double high)
{
    if (interval.low >= low && interval.high <= high) {
        return ANSWER_YES;
    }
    return interval.high < low || interval.low > high ? ANSWER_NO : ANSWER_UNSURE;
}

enum answer answer_both(enum answer a, enum answer b)
{
    if (a == ANSWER_NO || b == ANSWER_NO) {
        return ANSWER_NO;
    }
    return a == ANSWER_YES && b == ANSWER_YES ? ANSWER_YES : ANSWER_UNSURE;
}

void tally_add(struct tally *tally, enum answer answer, const char *cell)
{
    switch (answer) {
    case ANSWER_YES:
        text_append(tally->where, sizeof tally->where, "%s%s", tally->yes == 0 ? "" : "; ", cell);
        tally->yes++;
        break;
    case ANSWER_NO:
        tally->no++;
        break;
    case ANSWER_UNSURE:
        tally->unsure++;
        break;
    }
}

enum verdict tally_verdict(const struct tally *tally)
{
    if (tally->yes > 0) {
        return tally->no + tally->unsure == 0 ? VERDICT_HOLDS : VERDICT_HOLDS_WHEN;
    }
    return tally->no > 0 ? VERDICT_FAILS : VERDICT_NOT_MEASURED;
}

enum verdict verdict_both(enum verdict a, enum verdict b)
{
    if (a == VERDICT_FAILS || b == VERDICT_FAILS) {
        return VERDICT_FAILS;
    }
    if (a == VERDICT_NOT_MEASURED || b == VERDICT_NOT_MEASURED) {
        return VERDICT_NOT_MEASURED;
    }
    return a == VERDICT_HOLDS && b == VERDICT_HOLDS ? VERDICT_HOLDS : VERDICT_HOLDS_WHEN;
}
