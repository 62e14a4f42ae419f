using MlOps.Sdk.Processing;

namespace MlOps.Sdk;

/// <summary>Expectations that are chosen from those that come with the library, or were suggested.</summary>
public static class ExpectationExtensions
{
    /// <summary>Adds an expectation, for example <c>rows => rows.Column("tenure").Between(0, 120)</c>.</summary>
    /// <param name="processing">The builder.</param>
    /// <param name="expectation">Chooses the expectation.</param>
    /// <param name="onFailure">What happens when it is not met. Default: the run fails.</param>
    /// <param name="mostly">
    /// The share of rows that must pass, above 0 and up to 1. Default: all; and with <see cref="OnFailure.Quarantine"/>, where the run
    /// fails when fewer pass, no limit.
    /// </param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Expect(
        this ProcessingBuilder processing,
        Func<ExpectationRows, IExpectation> expectation,
        OnFailure onFailure = OnFailure.Fail,
        double? mostly = null)
    {
        ArgumentNullException.ThrowIfNull(processing);
        ArgumentNullException.ThrowIfNull(expectation);
        return processing.Expect(expectation(new ExpectationRows()), onFailure, mostly);
    }

    /// <summary>Adds expectations that earlier rows suggested.</summary>
    /// <param name="processing">The builder.</param>
    /// <param name="suggested">The expectations.</param>
    /// <param name="onFailure">What happens when one is not met. Default: the run fails.</param>
    /// <param name="mostly">
    /// The share of rows that must pass, above 0 and up to 1. Default: all; and with <see cref="OnFailure.Quarantine"/>, where the run
    /// fails when fewer pass, no limit.
    /// </param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Expect(
        this ProcessingBuilder processing, SuggestedExpectations suggested, OnFailure onFailure = OnFailure.Fail, double? mostly = null)
    {
        ArgumentNullException.ThrowIfNull(processing);
        ArgumentNullException.ThrowIfNull(suggested);
        foreach (var one in suggested) processing.Expect(one.Expectation, onFailure, mostly);
        return processing;
    }
}
