using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Monitoring;

/// <summary>Rejects labels that a retraining could not learn from, when they are reported.</summary>
/// <param name="Known">The labels of the live version; <see langword="null"/> when a label is not compared with them.</param>
/// <param name="Collected">The column that labels are put into; <see langword="null"/> when it is not known here.</param>
internal sealed record LabelCheck(LabelEncoding? Known, Field? Collected)
{
    /// <summary>The characters of a label that is not a class of the model: it is stored as it was reported.</summary>
    public const int Longest = 1_000;

    /// <summary>The column of labels that arrive: those of a regression may have fractions where the first rows had none.</summary>
    /// <param name="collected">The column as it was collected.</param>
    /// <param name="task">What is predicted.</param>
    public static Field ColumnOf(Field collected, TaskKind task) =>
        task == TaskKind.Regression && collected.Type == ColumnType.Integer ? collected with { Type = ColumnType.Number } : collected;

    /// <summary>Puts a label into a column.</summary>
    /// <returns>Whether the column can hold it; if not, nothing is appended.</returns>
    public static bool TryAppend(ColumnBuilder to, string label)
    {
        var text = Encoding.UTF8.GetBytes(label);
        switch (to)
        {
            case TextColumnBuilder texts: texts.Append(label); return true;
            case NumberColumnBuilder numbers when FieldText.TryNumber(text, out var number): numbers.Append(number); return true;
            case IntegerColumnBuilder integers when FieldText.TryInteger(text, out var integer): integers.Append(integer); return true;
            case BooleanColumnBuilder booleans when FieldText.TryBoolean(text, out var flag): booleans.Append(flag); return true;
            case TimestampColumnBuilder times when FieldText.TryTimestamp(text, out var ticks):
                times.Append(new DateTime(ticks, DateTimeKind.Utc));
                return true;
            default: return false;
        }
    }

    /// <summary>The error for a label that its column cannot hold.</summary>
    public static MlOpsException MisfitOf(string id, string label, Field column) => new(
        $"The label '{PrintableText.Shorten(label)}' of the prediction {id} is not of the type {column.Type}.",
        $"Report the label exactly as in the column '{column.Name}' of the training data; a label that is reported again replaces the " +
            "former.") { Column = column.Name, IsOfCaller = true };

    /// <summary>Checks a label as it was reported.</summary>
    /// <param name="id">The id of the prediction.</param>
    /// <param name="label">The label exactly as in the data.</param>
    /// <returns>The label as the data spells it.</returns>
    /// <exception cref="MlOpsException">The id is <see langword="default"/>, or the label is empty or none of those known.</exception>
    public string Check(PredictionId id, string label)
    {
        if (id == default)
        {
            throw new MlOpsException(
                "A label was reported for the prediction id that is all zeros, which no prediction has.",
                "Use the Id of the Prediction that the endpoint returned.") { IsOfCaller = true };
        }
        if (string.IsNullOrEmpty(label))
        {
            throw new MlOpsException($"The label of the prediction {id} is empty.", "Skip predictions whose true label is not known yet.")
            {
                IsOfCaller = true
            };
        }

        if (label.Length > Longest && Known?.Classes.Contains(label) != true)
        {
            throw new MlOpsException(
                string.Create(CultureInfo.InvariantCulture, $"The label of the prediction {id} has {label.Length} characters."),
                string.Create(CultureInfo.InvariantCulture, $"Report a class of the model, or {Longest} characters at most."))
            {
                Column = Known?.Label ?? Collected?.Name, IsOfCaller = true
            };
        }

        if (Known is not null)
        {
            label = Known.Find(label) ?? throw new MlOpsException(
                $"'{PrintableText.Shorten(label)}', reported for the prediction {id}, is not a " +
                    $"{(Known.Task == TaskKind.Regression ? "number" : "class")} of the label.",
                Known.Task == TaskKind.Regression
                    ? "Write the number with a decimal point and without separators."
                    : $"The classes are {string.Join(", ", Known.Classes.Take(20).Select(PrintableText.Shorten))}" +
                        $"{(Known.Classes.Count > 20 ? ", …" : "")}.")
            { Column = Known.Label, IsOfCaller = true };
        }

        return Collected is null || TryAppend(ColumnBuilder.Create(Collected.Type, Collected.Length), label)
            ? label
            : throw MisfitOf(id.ToString(), label, Collected);
    }

    /// <summary>
    /// Whether a stored label says the same as one that was checked, by value: an earlier version stored labels as they were spelled.
    /// </summary>
    /// <param name="stored">The label that is stored.</param>
    /// <param name="label">What <see cref="Check"/> gave.</param>
    public bool IsSame(string stored, string label)
    {
        if (Known is not null) return Known.Find(stored) == label;
        if (Collected is null) return stored == label;
        var values = ColumnBuilder.Create(Collected.Type, Collected.Length);
        if (!TryAppend(values, stored) || !TryAppend(values, label)) return stored == label;
        var column = values.Build();
        return column.GetText(0) == column.GetText(1);
    }
}
