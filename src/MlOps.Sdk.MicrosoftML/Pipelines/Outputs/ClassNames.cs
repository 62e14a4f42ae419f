using System.Globalization;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Tells which class of the label a value of ML.NET's means. The file may have had the label in another form than the rows: as true and
/// false where they have 1 and 0, for example.
/// </summary>
internal static class ClassNames
{
    /// <summary>
    /// Whether ML.NET's <c>true</c>, whose probability and margin it gives, is the negative class of the problem: the positive one is
    /// called false or 0, and the other true or 1.
    /// </summary>
    /// <param name="classes">The classes, the negative one first.</param>
    public static bool AreReversed(IReadOnlyList<string> classes) =>
        classes.Count == 2 && TruthOf(classes[0]) == true && TruthOf(classes[1]) == false;

    /// <summary>The position of the class that a value means; -1 when it is none of them, or could be several.</summary>
    /// <param name="value">The value, as invariant text.</param>
    /// <param name="isText">Whether it is a text in the file, and no number or truth value.</param>
    /// <param name="classes">The classes, in the problem's order.</param>
    public static int IndexOf(string value, bool isText, IReadOnlyList<string> classes)
    {
        if (Find(classes, name => name == value) is >= 0 and var exact) return exact;

        // "01" and "1" are two classes where they are texts.
        if (isText)
        {
            return bool.TryParse(value, out var named)
                ? Find(classes, name => bool.TryParse(name, out var other) && other == named)
                : -1;
        }
        if (NumberOf(value) is { } number && Find(classes, name => NumberOf(name) == number) is >= 0 and var equal) return equal;
        if (TruthOf(value) is not { } truth) return -1;
        if (Find(classes, name => TruthOf(name) == truth) is >= 0 and var same) return same;

        // ML.NET calls the positive class true.
        return classes.Count == 2 && classes.All(name => TruthOf(name) is null) ? truth ? 1 : 0 : -1;
    }

    private static int Find(IReadOnlyList<string> classes, Func<string, bool> isMeant)
    {
        var found = -1;
        for (var i = 0; i < classes.Count; i++)
        {
            if (!isMeant(classes[i])) continue;
            if (found >= 0) return -1;
            found = i;
        }

        return found;
    }

    private static bool? TruthOf(string text) =>
        bool.TryParse(text, out var truth) ? truth
        : NumberOf(text) switch { 0 => false, 1 => true, _ => null };

    private static double? NumberOf(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
