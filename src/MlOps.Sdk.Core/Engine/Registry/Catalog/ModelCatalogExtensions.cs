using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>
/// What people say of models and versions: aliases of their own, tags, descriptions, what is archived and deleted. Every change is one
/// commit with its history and its entry in the audit log, and asks <see cref="IActorProvider"/>. Thread-safe, also across processes.
/// </summary>
public static class ModelCatalogExtensions
{
    /// <summary>
    /// Points an alias, such as <c>candidate</c>, to a version. The alias is a name and serves nothing: calls go to <c>champion</c>, which
    /// only runs, rollouts and rollbacks move, and only to blessed versions. So the version need not be blessed.
    /// </summary>
    /// <param name="models">The registry of an open workspace.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="alias">
    /// The alias: up to 100 lower-case letters, digits, '-', '_' and '.', beginning with a letter or digit, and not only digits.
    /// </param>
    /// <param name="version">The version's number.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="expected">
    /// What the alias must point to, else nothing changes; 0 when it must not exist. <see langword="null"/>: whatever it points to.
    /// </param>
    /// <param name="cancellationToken">Cancels until it is written.</param>
    /// <exception cref="ConcurrencyException">The alias does not point to <paramref name="expected"/>.</exception>
    /// <exception cref="MlOpsException">There is no such version, it is archived or deleted, or the actor may not.</exception>
    /// <exception cref="ArgumentException">The alias is <c>champion</c>, or not a name.</exception>
    public static Task<AliasChange> SetAliasAsync(
        this ModelRegistry models,
        string model,
        string alias,
        int version,
        string reason,
        int? expected = null,
        CancellationToken cancellationToken = default) =>
        Of(models).SetAliasAsync(model, alias, version, expected, reason, cancellationToken);

    /// <summary>Removes an alias. Its history stays.</summary>
    /// <param name="models">The registry of an open workspace.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="alias">The alias; not <c>champion</c>.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="expected">What the alias must point to, else nothing changes; <see langword="null"/>: whatever it points to.</param>
    /// <param name="cancellationToken">Cancels until it is written.</param>
    /// <exception cref="ConcurrencyException">The alias does not point to <paramref name="expected"/>.</exception>
    /// <exception cref="MlOpsException">There is no such alias, or the actor may not.</exception>
    public static Task<AliasChange> RemoveAliasAsync(
        this ModelRegistry models,
        string model,
        string alias,
        string reason,
        int? expected = null,
        CancellationToken cancellationToken = default) =>
        Of(models).SetAliasAsync(model, alias, null, expected, reason, cancellationToken);

    /// <summary>Sets a tag of a model, or of a version of it.</summary>
    /// <param name="models">The registry of an open workspace.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="name">The tag's name, up to 250 characters.</param>
    /// <param name="value">Its value, up to 10,000 characters; may be empty.</param>
    /// <param name="version">The version's number; <see langword="null"/> for the model itself.</param>
    /// <param name="cancellationToken">Cancels until it is written.</param>
    /// <returns>Whether anything changed.</returns>
    /// <exception cref="MlOpsException">There is no such model or version, it is deleted, or the actor may not.</exception>
    public static Task<bool> SetTagAsync(
        this ModelRegistry models,
        string model,
        string name,
        string value,
        int? version = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Of(models).SetTagAsync(model, version, name, value, cancellationToken);
    }

    /// <summary>Removes a tag of a model, or of a version of it.</summary>
    /// <param name="models">The registry of an open workspace.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="name">The tag's name.</param>
    /// <param name="version">The version's number; <see langword="null"/> for the model itself.</param>
    /// <param name="cancellationToken">Cancels until it is written.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="MlOpsException">There is no such model or version, it is deleted, or the actor may not.</exception>
    public static Task<bool> RemoveTagAsync(
        this ModelRegistry models, string model, string name, int? version = null, CancellationToken cancellationToken = default) =>
        Of(models).SetTagAsync(model, version, name, null, cancellationToken);

    /// <summary>Describes a model, or a version of it. What was said before stays in the history.</summary>
    /// <param name="models">The registry of an open workspace.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="description">What is to be known, up to 100,000 characters; <see langword="null"/> for nothing.</param>
    /// <param name="version">The version's number; <see langword="null"/> for the model itself.</param>
    /// <param name="cancellationToken">Cancels until it is written.</param>
    /// <returns>Whether anything changed.</returns>
    /// <exception cref="MlOpsException">There is no such model or version, it is deleted, or the actor may not.</exception>
    public static Task<bool> DescribeAsync(
        this ModelRegistry models,
        string model,
        string? description,
        int? version = null,
        CancellationToken cancellationToken = default) =>
        Of(models).DescribeAsync(model, version, description, cancellationToken);

    /// <summary>
    /// Archives a version: lists leave it out, and it can be neither made live, nor rolled back to, nor get an alias. Its package stays.
    /// </summary>
    /// <param name="models">The registry of an open workspace.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="version">The version's number.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cancellationToken">Cancels until it is written.</param>
    /// <returns>Whether it was not archived before.</returns>
    /// <exception cref="MlOpsException">
    /// There is no such version; it is live, has an alias, answers or shadows calls, is in a rollout, or is the fallback; it is deleted; or
    /// the actor may not.
    /// </exception>
    public static Task<bool> ArchiveAsync(
        this ModelRegistry models, string model, int version, string reason, CancellationToken cancellationToken = default) =>
        Of(models).ArchiveAsync(model, version, true, reason, cancellationToken);

    /// <summary>Takes an archived version back into the lists.</summary>
    /// <param name="models">The registry of an open workspace.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="version">The version's number.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cancellationToken">Cancels until it is written.</param>
    /// <returns>Whether it was archived.</returns>
    /// <exception cref="MlOpsException">There is no such version, it is deleted, or the actor may not.</exception>
    public static Task<bool> UnarchiveAsync(
        this ModelRegistry models, string model, int version, string reason, CancellationToken cancellationToken = default) =>
        Of(models).ArchiveAsync(model, version, false, reason, cancellationToken);

    /// <summary>
    /// Deletes a version for good. Its number is not given again; its record, attestations, predictions and audit entries stay. The next
    /// <see cref="Workspace.CollectGarbageAsync"/> removes its package, unless another version has the same one. What the stages of its run
    /// stored stays with the run.
    /// </summary>
    /// <param name="models">The registry of an open workspace.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="version">The version's number.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cancellationToken">Cancels until it is written.</param>
    /// <exception cref="MlOpsException">
    /// There is no such version; it is live, has an alias, answers or shadows calls, is in a rollout, or is the fallback; a rollback goes
    /// back to it, and it is not archived; it is deleted; or the actor may not.
    /// </exception>
    public static Task<VersionDeletion> DeleteAsync(
        this ModelRegistry models, string model, int version, string reason, CancellationToken cancellationToken = default) =>
        Of(models).DeleteAsync(model, version, reason, cancellationToken);

    /// <summary>Finds versions by model and tags, newest first within each model.</summary>
    /// <param name="models">The registry of a workspace.</param>
    /// <param name="query">Which versions.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task<IReadOnlyList<ModelVersion>> SearchAsync(
        this ModelRegistry models, VersionQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(query);
        return models.Store.ReadAsync(connection => CatalogReading.Search(connection, query), cancellationToken);
    }

    /// <summary>Lists the models that have a tag.</summary>
    /// <param name="models">The registry of a workspace.</param>
    /// <param name="tag">The tag's name.</param>
    /// <param name="value">Its value; <see langword="null"/> for any.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task<IReadOnlyList<string>> FindModelsAsync(
        this ModelRegistry models, string tag, string? value = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentException.ThrowIfNullOrWhiteSpace(tag);
        return models.Store.ReadAsync(connection => CatalogReading.FindModels(connection, tag, value), cancellationToken);
    }

    /// <summary>Reads what the registry says of a model: description, tags, aliases, how many versions.</summary>
    /// <param name="models">The registry of a workspace.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The model; <see langword="null"/> when there is none of the name.</returns>
    public static Task<RegisteredModel?> FindModelAsync(
        this ModelRegistry models, string model, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return models.Store.ReadAsync(connection => CatalogReading.Find(connection, model), cancellationToken);
    }

    /// <summary>Lists the changes of descriptions, tags, aliases, of what is archived and deleted, newest first.</summary>
    /// <param name="models">The registry of a workspace.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="version">Only changes of this version; <see langword="null"/> for all of the model.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task<IReadOnlyList<RegistryChange>> ChangesAsync(
        this ModelRegistry models, string model, int? version = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return models.Store.ReadAsync(connection => CatalogReading.Changes(connection, model, version), cancellationToken);
    }

    private static RegistryChanges Of(ModelRegistry models)
    {
        ArgumentNullException.ThrowIfNull(models);
        return new RegistryChanges(models.Store, models.Acting);
    }
}
