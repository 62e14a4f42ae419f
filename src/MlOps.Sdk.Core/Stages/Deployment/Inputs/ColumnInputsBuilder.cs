using System.Globalization;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.Deployment;

/// <summary>Says what happens to values of one column that a model does not expect. Not thread-safe.</summary>
public sealed class ColumnInputsBuilder
{
    private readonly BuilderSeal _seal;
    private ColumnInputs _inputs;

    internal ColumnInputsBuilder(string name)
    {
        Name = name;
        _seal = new BuilderSeal($"CheckInputs, column '{name}',");
        _inputs = new ColumnInputs(name);
    }

    internal string Name { get; }

    /// <summary>Where a row by column name does not have the column.</summary>
    /// <param name="handling">What happens.</param>
    public ColumnInputsBuilder MissingColumn(InputHandling handling) => Say(handling, _inputs with { MissingColumn = handling });

    /// <summary>Where there is no value, or the number is NaN.</summary>
    /// <param name="handling">What happens.</param>
    public ColumnInputsBuilder Missing(InputHandling handling) => Say(handling, _inputs with { Missing = handling });

    /// <summary>Where the column cannot hold the value without loss.</summary>
    /// <param name="handling">What happens.</param>
    public ColumnInputsBuilder Mistyped(InputHandling handling) => Say(handling, _inputs with { Mistyped = handling });

    /// <summary>Where the number is infinite, or out of the range of the training rows.</summary>
    /// <param name="handling">What happens.</param>
    /// <param name="slack">
    /// By how much the range is widened on either side, as a share of its width, at least 0; <see langword="null"/> as for all columns.
    /// </param>
    public ColumnInputsBuilder OutOfDomain(InputHandling handling, double? slack = null)
    {
        if (slack is { } share) InputsBuilder.RequireSlack(_seal, "OutOfDomain", share);
        return Say(handling, _inputs with { OutOfDomain = handling, Slack = slack });
    }

    /// <summary>
    /// Where the text is none of those in the training rows. Of a column with more than 2,048 different texts a sample of 2,048 is known,
    /// and a text outside of the sample counts as seen.
    /// </summary>
    /// <param name="handling">What happens.</param>
    public ColumnInputsBuilder Unseen(InputHandling handling) => Say(handling, _inputs with { Unseen = handling });

    /// <summary>The text that takes the place of values that are handled so; for other columns as it would stand in a CSV file.</summary>
    /// <param name="value">The value.</param>
    public ColumnInputsBuilder Default(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _seal.Once();
        _inputs = _inputs with { Default = value };
        return this;
    }

    /// <summary>The number that takes the place of values that are handled so.</summary>
    /// <param name="value">A finite number.</param>
    public ColumnInputsBuilder Default(double value) => Default(value.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>The value that takes the place of values that are handled so.</summary>
    /// <param name="value">The value.</param>
    public ColumnInputsBuilder Default(bool value) => Default(value ? "true" : "false");

    /// <summary>The time that takes the place of values that are handled so.</summary>
    /// <param name="value">The time.</param>
    public ColumnInputsBuilder Default(DateTimeOffset value) =>
        Default(value.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture));

    internal ColumnInputs Complete(ICollection<string> mistakes)
    {
        var usesDefault = _inputs.Handlings.Contains(InputHandling.Default);
        if (!_inputs.Handlings.Any()) _seal.Add($"CheckInputs says nothing of '{Name}'.", "Say what happens, or remove the column.");
        else if (usesDefault && _inputs.Default is null)
        {
            _seal.Add($"CheckInputs has no default for '{Name}'.", "Say which value takes the place of others: Default(…).");
        }
        else if (!usesDefault && _inputs.Default is not null)
        {
            _seal.Add(
                $"CheckInputs has a default for '{Name}' that nothing uses.",
                "Say for what, for example Missing(InputHandling.Default), or remove it.");
        }
        _seal.Close(mistakes);
        return _inputs;
    }

    /// <summary>The call for one column of a call for all.</summary>
    internal static string CallOf(string call) => call == nameof(InputsBuilder.MissingColumns) ? nameof(MissingColumn) : call;

    private ColumnInputsBuilder Say(InputHandling handling, ColumnInputs inputs, [CallerMemberName] string call = "")
    {
        _seal.Once(call);
        if (!Enum.IsDefined(handling)) _seal.Add($"{call} of '{Name}' has the handling {handling}.", "Use a value of InputHandling.");
        _inputs = inputs;
        return this;
    }
}
