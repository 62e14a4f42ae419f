using MlOps.Sdk;

namespace RegulatedCredit;

/// <summary>
/// Who works at this moment. Each opens the workspace in the own name and with the own roles, as in a process of their own. In an
/// application, the identity provider knows them: see <see cref="MlOps.Sdk.Registry.IActorProvider"/>.
/// </summary>
internal static class Desk
{
    public const string RiskOfficer = "risk-officer";
    public const string ModelValidator = "model-validator";

    public static Task<Workspace> OpenAsync(
        string folder, string name, string? role = null, CancellationToken cancellationToken = default) => Workspace.OpenAsync(
        folder,
        options =>
        {
            options.Actor = name;
            if (role is not null) options.Roles.Add(role);
        },
        cancellationToken);
}
