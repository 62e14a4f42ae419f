using System.Runtime.CompilerServices;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Says what happens to values that a model does not expect, for all columns and for single ones. What is not said is accepted. Not
/// thread-safe.
/// </summary>
public sealed class InputsBuilder
{
    private readonly BuilderSeal _seal = new("CheckInputs");
    private readonly List<ColumnInputsBuilder> _columns = [];
    private InputContract _contract = new();
    private bool _isSaid;

    internal InputsBuilder()
    {
    }

    /// <summary>Where a row by column name does not have a column that the model reads. Default: an error.</summary>
    /// <param name="handling">What happens; a default is declared for a single column.</param>
    public InputsBuilder MissingColumns(InputHandling handling) => Say(handling, _contract with { MissingColumn = handling });

    /// <summary>Where a row by column name has a column that the model does not read. Default: it is ignored.</summary>
    /// <param name="handling">What happens: there is no default for it.</param>
    /// <param name="except">Columns that rows may have, for example the customer's number.</param>
    public InputsBuilder ExtraColumns(InputHandling handling, params IReadOnlyList<string> except)
    {
        ArgumentNullException.ThrowIfNull(except);
        if (except.Any(string.IsNullOrWhiteSpace)) _seal.Add("ExtraColumns excepts an empty name.", "Name columns.");
        return Say(handling, _contract with { ExtraColumn = handling, Tolerated = [.. except] });
    }

    /// <summary>Where there is no value, or a number is NaN. Default: the model sees a missing value.</summary>
    /// <param name="handling">What happens; a default is declared for a single column.</param>
    public InputsBuilder Missing(InputHandling handling) => Say(handling, _contract with { Missing = handling });

    /// <summary>Where a column cannot hold a value without loss, for example 1.5 where whole numbers are. Default: an error.</summary>
    /// <param name="handling">What happens; a default is declared for a single column.</param>
    public InputsBuilder Mistyped(InputHandling handling) => Say(handling, _contract with { Mistyped = handling });

    /// <summary>Where a number is infinite, or out of the range of the training rows. Default: the model sees it.</summary>
    /// <param name="handling">What happens; a default is declared for a single column.</param>
    /// <param name="slack">
    /// By how much the range is widened on either side, as a share of its width, at least 0. Default: 0.1. A column that always had the
    /// same number has a range without width.
    /// </param>
    public InputsBuilder OutOfDomain(InputHandling handling, double slack = InputContract.DefaultSlack)
    {
        RequireSlack(_seal, "OutOfDomain", slack);
        return Say(handling, _contract with { OutOfDomain = handling, Slack = slack });
    }

    /// <summary>
    /// Where a text is none of those in the training rows. It concerns columns with levels: at most 2,048 different texts, and at most a
    /// tenth of the rows with one that occurs once or twice. Name other columns with <see cref="Column"/>. Default: the model sees it.
    /// </summary>
    /// <param name="handling">What happens; a default is declared for a single column.</param>
    public InputsBuilder Unseen(InputHandling handling) => Say(handling, _contract with { Unseen = handling });

    /// <summary>Says what happens to the values of one column, and which value takes the place of others.</summary>
    /// <param name="column">A column that the model reads.</param>
    /// <param name="inputs">Says it; what it does not say is as for all columns.</param>
    public InputsBuilder Column(string column, Action<ColumnInputsBuilder> inputs)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        ArgumentNullException.ThrowIfNull(inputs);
        _seal.CheckOpen();
        _isSaid = true;
        if (_columns.Exists(other => other.Name == column))
        {
            _seal.Add($"CheckInputs names the column '{column}' twice.", $"Keep one Column(\"{column}\", …).");
        }
        var builder = new ColumnInputsBuilder(column);
        inputs(builder);
        _columns.Add(builder);
        return this;
    }

    internal InputContract Complete(ICollection<string> mistakes)
    {
        if (!_isSaid) _seal.Add("CheckInputs says nothing.", "Say what happens to values, for example Missing(InputHandling.Reject).");
        _seal.Close(mistakes);
        return _contract with { Columns = [.. _columns.Select(column => column.Complete(mistakes))] };
    }

    internal static void RequireSlack(BuilderSeal seal, string call, double slack)
    {
        if (double.IsFinite(slack) && slack >= 0) return;
        seal.Add(
            FormattableString.Invariant($"{call} has a slack of {slack}."),
            "Give a finite number of at least 0; 0.1 is a tenth of the range.");
    }

    private InputsBuilder Say(InputHandling handling, InputContract contract, [CallerMemberName] string call = "")
    {
        _seal.Once(call);
        _isSaid = true;
        if (!Enum.IsDefined(handling)) _seal.Add($"{call} has the handling {handling}, which is none.", "Use a value of InputHandling.");
        if (handling == InputHandling.Default)
        {
            _seal.Add(
                $"{call}(InputHandling.Default) has no value that could take the place of another.",
                call == nameof(ExtraColumns)
                    ? "Extra columns can be rejected, flagged or accepted."
                    : $"Say it for each column: Column(\"…\", column => column.{ColumnInputsBuilder.CallOf(call)}(InputHandling.Default)" +
                        ".Default(…)).");
        }
        _contract = contract;
        return this;
    }
}
