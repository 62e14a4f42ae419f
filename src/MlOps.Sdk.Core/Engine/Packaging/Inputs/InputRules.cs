using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Packaging;

/// <summary>An input contract, bound to the columns and to the training rows of a package. Immutable and thread-safe.</summary>
internal sealed class InputRules
{
    // A column most of whose rows have a text that hardly any other row has does not have levels.
    private const double MostRare = 0.1;

    private readonly HashSet<string> _tolerated;

    private InputRules(string model, InputContract contract, ColumnRule[] columns)
    {
        Model = model;
        Columns = columns;
        Extra = contract.ExtraColumn;
        _tolerated = new HashSet<string>(contract.Tolerated, StringComparer.Ordinal);
        _tolerated.UnionWith(columns.Select(column => column.Field.Name));
    }

    /// <summary>The model, for messages and metrics.</summary>
    public string Model { get; }

    /// <summary>A rule per column of the input, in its order.</summary>
    public ColumnRule[] Columns { get; }

    /// <summary>What happens to columns that the model does not read.</summary>
    public InputHandling Extra { get; }

    /// <summary>Whether a column of a row is one that nobody expects.</summary>
    public bool IsExtra(string column) => !_tolerated.Contains(column);

    /// <summary>Binds a contract.</summary>
    /// <param name="model">The model.</param>
    /// <param name="contract">The contract; <see langword="null"/> for none.</param>
    /// <param name="input">The columns that the model reads.</param>
    /// <param name="baseline">What is known of the training rows.</param>
    /// <exception cref="MlOpsException">It names a column that does not exist, or says what cannot hold for it: all mistakes.</exception>
    public static InputRules? Of(string model, InputContract? contract, Schema input, PackageBaseline baseline)
    {
        if (contract is null) return null;
        if (!contract.IsSound)
        {
            throw new MlOpsException(
                $"The input contract of '{model}' cannot be read.", "The package is damaged or was changed; deploy another version.");
        }
        var mistakes = new List<string>();
        foreach (var declared in contract.Columns.Where(declared => !input.Contains(declared.Column)))
        {
            var near = NearestName.Find(declared.Column, input.Select(field => field.Name));
            mistakes.Add($"The model does not read '{declared.Column}'{(near is null ? "" : $"; did you mean '{near}'?")}");
        }

        var rules = input.Select(field => RuleOf(
            field,
            contract,
            contract.Columns.FirstOrDefault(declared => declared.Column == field.Name),
            baseline.Inputs.FirstOrDefault(column => column.Name == field.Name),
            mistakes)).ToArray();
        return mistakes.Count == 0
            ? new InputRules(model, contract, rules)
            : throw new MlOpsException(
                $"The input contract of '{model}' does not fit the model: {string.Join("; ", mistakes)}.",
                "Correct DeployModel(deployment => deployment.CheckInputs(…)). The model reads: " +
                    $"{string.Join(", ", input.Select(field => $"{field.Name} ({field.Type})"))}.");
    }

    private static ColumnRule RuleOf(
        Field field, InputContract contract, ColumnInputs? declared, ColumnBaseline? baseline, List<string> mistakes)
    {
        var rule = new ColumnRule(field)
        {
            MissingColumn = declared?.MissingColumn ?? contract.MissingColumn,
            Missing = declared?.Missing ?? contract.Missing,
            Mistyped = declared?.Mistyped ?? contract.Mistyped,
            Default = declared?.Default is { } text ? DefaultOf(field, text, mistakes) : null,
        };
        rule = Leveled(Ranged(rule, contract, declared, baseline, mistakes), contract, declared, baseline, mistakes);
        if (rule.Default is { } value && !IsExpected(rule, value))
        {
            mistakes.Add($"the default of '{field.Name}' is itself not one of the values that are expected of it");
        }
        return rule;
    }

    private static bool IsExpected(ColumnRule rule, Column value) =>
        rule.Field.Type == ColumnType.Text
            ? rule.Unseen == InputHandling.Accept || !rule.IsNew(value.GetText(0)!)
            : rule.OutOfDomain == InputHandling.Accept || (value.GetNumber(0) >= rule.Low && value.GetNumber(0) <= rule.High);

    private static ColumnRule Ranged(
        ColumnRule rule, InputContract contract, ColumnInputs? declared, ColumnBaseline? baseline, List<string> mistakes)
    {
        var name = rule.Field.Name;
        if (rule.Field.Type is not (ColumnType.Number or ColumnType.Integer))
        {
            if (declared?.OutOfDomain is not null) mistakes.Add($"'{name}' is {rule.Field.Type} and has no range of numbers");
            return rule;
        }

        if (baseline?.Profile.Moments is not { } moments || !double.IsFinite(moments.Minimum))
        {
            if (declared?.OutOfDomain is not null) mistakes.Add($"the range of '{name}' in the training rows is not known");
            return rule;
        }

        var slack = declared?.Slack ?? contract.Slack;
        var (low, high) = (moments.Minimum, moments.Maximum);
        var margin = slack == 0 ? 0 : slack * (high - low);
        if ((declared?.OutOfDomain ?? contract.OutOfDomain) == InputHandling.Accept) return rule;
        return rule with
        {
            OutOfDomain = declared?.OutOfDomain ?? contract.OutOfDomain,
            Trained = (low, high),
            Slack = slack,

            // Wider than numbers are, it has no bound but infinity.
            Low = Math.Max(double.MinValue, low - margin),
            High = Math.Min(double.MaxValue, high + margin),
        };
    }

    private static ColumnRule Leveled(
        ColumnRule rule, InputContract contract, ColumnInputs? declared, ColumnBaseline? baseline, List<string> mistakes)
    {
        var name = rule.Field.Name;
        if (rule.Field.Type != ColumnType.Text)
        {
            if (declared?.Unseen is not null) mistakes.Add($"'{name}' is {rule.Field.Type} and has no texts");
            return rule;
        }

        var levels = baseline?.Bins.Known ?? KnownLevels.None;
        if (baseline?.Bins is { AreLevelsChosen: false } bins) rule = rule with { Texts = bins.Levels.ToFrozenSet(StringComparer.Ordinal) };
        if (declared?.Unseen is { } handling)
        {
            if (!levels.IsKnown) mistakes.Add($"the texts of '{name}' in the training rows are not known");
            return rule with { Unseen = handling, Levels = levels };
        }

        return levels.IsWhole && levels.Rare <= MostRare * levels.Rows ? rule with { Unseen = contract.Unseen, Levels = levels } : rule;
    }

    private static Column? DefaultOf(Field field, string text, List<string> mistakes)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var builder = ColumnBuilder.Create(field.Type, field.Length, 1);
        switch (builder)
        {
            case NumberColumnBuilder numbers when FieldText.TryNumber(utf8, out var number): numbers.Append(number); break;
            case IntegerColumnBuilder integers when FieldText.TryInteger(utf8, out var whole): integers.Append(whole); break;
            case BooleanColumnBuilder flags when FieldText.TryFlag(utf8, out var flag): flags.Append(flag); break;
            case TimestampColumnBuilder times when FieldText.TryTimestamp(utf8, out var ticks):
                times.Append(new DateTime(ticks, DateTimeKind.Utc));
                break;
            case TextColumnBuilder texts: texts.Append(text); break;
            default:
                mistakes.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"the default '{PrintableText.Shorten(text)}' of '{field.Name}' is not a value of a {field.Type} column"));
                return null;
        }

        return builder.Build();
    }
}
