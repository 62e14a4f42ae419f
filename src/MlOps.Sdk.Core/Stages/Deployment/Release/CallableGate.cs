using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Deployment;

/// <summary>Rejects a version that an application which serves the model now could not call with its classes.</summary>
internal sealed class CallableGate(HostContractTable hosts)
{
    public const string Name = "callable by the applications";

    /// <summary>What keeps applications from calling a version, a text for each; none when all that are running can.</summary>
    /// <param name="model">The model.</param>
    /// <param name="version">The columns that the version reads and what it predicts; requested only where applications serve it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<string>> FindMismatchesAsync(
        string model, Func<Task<(Schema Input, TaskKind Task)>> version, CancellationToken cancellationToken)
    {
        var contracts = await ReadAsync(model, cancellationToken).ConfigureAwait(false);
        if (contracts.Count == 0) return [];
        var (input, task) = await version().ConfigureAwait(false);
        return FindMismatches(contracts, input, task);
    }

    /// <summary>The gate; none when no application has said what it can call.</summary>
    /// <param name="model">The model.</param>
    /// <param name="input">The columns that the version reads.</param>
    /// <param name="task">What it predicts.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<GateResult>> JudgeAsync(
        string model, Schema input, TaskKind task, CancellationToken cancellationToken)
    {
        var contracts = await ReadAsync(model, cancellationToken).ConfigureAwait(false);
        if (contracts.Count == 0) return [];
        var mismatches = FindMismatches(contracts, input, task);
        const string required = "every application that serves the model can call it";
        return mismatches.Count == 0
            ? [new GateResult(Name, GateOutcome.Passed, $"{contracts.Count} can", required, "Its columns and answers fit their classes.")]
            :
            [
                new GateResult(
                    Name,
                    GateOutcome.Failed,
                    $"{mismatches.Count} mismatches",
                    required,
                    $"{string.Join(" ", mismatches)} First release the applications with matching classes, or stop them."),
            ];
    }

    private static IReadOnlyList<string> FindMismatches(
        IReadOnlyList<(string Host, EndpointContract Contract)> contracts, Schema input, TaskKind task) =>
        [
            .. contracts.SelectMany(of => of.Contract.FindMismatches(input, task).Select(
                mismatch => $"{of.Contract.Types} of {of.Host}: {mismatch}")),
        ];

    private async Task<IReadOnlyList<(string Host, EndpointContract Contract)>> ReadAsync(
        string model, CancellationToken cancellationToken) =>
        [
            .. (await hosts.ListAsync(model, cancellationToken).ConfigureAwait(false))
                .Select(row => (row.Host, Contract: EndpointContract.FromJson(row.Contract)))
                .Where(row => row.Contract is not null)
                .Select(row => (row.Host, row.Contract!)),
        ];
}
