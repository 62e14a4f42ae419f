using MlOps.Sdk.Deployment;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>What goes live of a workspace: by a lifecycle, a person, or from a file.</summary>
internal static class WorkspaceReleases
{
    /// <summary>What stage Deployment works with.</summary>
    public static DeploymentServices CreateDeploymentServices(this Workspace workspace, IServiceProvider services) =>
        new(
            workspace.Models,
            workspace.Runs,
            workspace.Holdout,
            workspace.MonitoringServices.Predictions,
            workspace.Process,
            workspace.Hosts,
            workspace.Acting,
            workspace.Rollouts,
            workspace.Promoted.ReadPromotedAsync,
            workspace.Time,
            workspace.Logger,
            services)
        {
            Store = workspace.Store,
            Leases = new LeaseTable(workspace.Store),
            Owner = new TargetOwner(workspace.Id, workspace.Models),
            Golden = workspace.Golden,
            Signer = workspace.Options.Signer,
            Releases = workspace.Outgoing,
            Approvals = workspace.Approvals.Registry,
        };

    /// <summary>Makes an earlier version, or another one that is blessed, live again.</summary>
    public static Task<AliasChange> RollbackAsync(
        this Workspace workspace,
        string model,
        string reason,
        int? version,
        ReleaseAction action,
        CancellationToken cancellationToken,
        Approval? approved = null) =>
        new Rollback(workspace.CreateDeploymentServices(PluginServices.None), workspace.Artifacts, workspace.Readers).RunAsync(
            model, reason, version, action, approved, cancellationToken);

    /// <summary>Registers a model that was trained elsewhere, judges it and lets it go live.</summary>
    public static Task<ImportedModel> ImportAsync(
        this Workspace workspace,
        string name,
        ModelImport import,
        Func<ModelImportContext, CancellationToken, ValueTask<IRowModel>> load,
        CancellationToken cancellationToken) =>
        new ModelImporter(
            workspace.CreateDeploymentServices(PluginServices.None),
            workspace.Artifacts,
            new ArtifactReferences(workspace.Store),
            workspace.Readers,
            workspace.Time).ImportAsync(name, import, load, cancellationToken);
}
