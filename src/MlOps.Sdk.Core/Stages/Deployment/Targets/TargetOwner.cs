using System.Globalization;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// The workspace from which a target makes something elsewhere. What it makes is marked with the id of the workspace, so that one
/// workspace does not touch what is of another. Thread-safe.
/// </summary>
/// <param name="id">The id of the workspace.</param>
/// <param name="models">Its models.</param>
internal sealed class TargetOwner(string id, ModelRegistry models)
{
    /// <summary>What marks something as being of the workspace.</summary>
    public string Id => id;

    /// <summary>Whether something has the mark of another workspace.</summary>
    /// <param name="mark">Its mark; <see langword="null"/> or empty for none.</param>
    public bool IsOfAnother(string? mark) => !string.IsNullOrEmpty(mark) && mark != id;

    /// <summary>
    /// Whether something is of the workspace: by its mark or, when a version of the library made it that did not mark anything yet, by the
    /// version that it has.
    /// </summary>
    /// <param name="mark">Its mark; <see langword="null"/> or empty for none.</param>
    /// <param name="model">The model.</param>
    /// <param name="version">The version that it has, as text; <see langword="null"/> where it does not say.</param>
    /// <param name="contentHash">The content hash of that version; <see langword="null"/> where it does not say.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<bool> IsOwnAsync(
        string? mark, string model, string? version, string? contentHash, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(mark)) return mark == id;
        var versions = await models.ListAllAsync(model, cancellationToken).ConfigureAwait(false);
        return versions.Any(known =>
            known.ContentHash == contentHash && known.Version.ToString(CultureInfo.InvariantCulture) == version);
    }

    /// <summary>What is said of something that is of another workspace.</summary>
    /// <param name="what">What it is.</param>
    /// <param name="mark">Its mark; <see langword="null"/> or empty for none.</param>
    /// <param name="avoid">How the two workspaces can be kept apart.</param>
    /// <param name="takeOver">How it is taken over.</param>
    public MlOpsException Refuse(string what, string? mark, string avoid, string takeOver) => new(
        string.IsNullOrEmpty(mark)
            ? $"{what} does not say from which workspace it is, and serves a version that this workspace ({id}) does not have."
            : $"{what} is of the workspace {mark}, and this one is {id}.",
        $"{avoid} To take it over on purpose, {takeOver}");
}
