using MlOps.Sdk.MLNet;

namespace MlOps.Sdk;

/// <summary>Lets a workspace or a host read what was made with ML.NET.</summary>
public static class MicrosoftMLRegistrationExtensions
{
    /// <summary>
    /// Registers the readers of models and transforms made with ML.NET. A saved model names the assemblies whose code loads it; those of
    /// ML.NET are allowed, others are rejected before anything is loaded.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <param name="assemblies">
    /// Simple names of further assemblies to allow, for example <c>Contoso.Transforms</c>. Their code runs when a model that names them is
    /// loaded.
    /// </param>
    /// <exception cref="ArgumentException">A name is empty or no simple name.</exception>
    public static WorkspaceOptions UseMicrosoftML(this WorkspaceOptions options, params string[] assemblies)
    {
        ArgumentNullException.ThrowIfNull(assemblies);
        return options.UseMicrosoftML(microsoftML => Allow(microsoftML, assemblies));
    }

    /// <summary>Registers the readers, see <see cref="UseMicrosoftML(WorkspaceOptions, string[])"/>.</summary>
    /// <param name="options">The options.</param>
    /// <param name="configure">Says which model files are read.</param>
    /// <exception cref="ArgumentException">A name is empty or no simple name, or a size is not positive.</exception>
    public static WorkspaceOptions UseMicrosoftML(this WorkspaceOptions options, Action<MicrosoftMLOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (var format in Formats(configure)) format.AddToReaders(options.Readers);
        return options;
    }

    /// <summary>Registers the readers in a host, see <see cref="UseMicrosoftML(WorkspaceOptions, string[])"/>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="assemblies">Simple names of further assemblies to allow, for example <c>Contoso.Transforms</c>.</param>
    /// <exception cref="ArgumentException">A name is empty or no simple name.</exception>
    public static MlOpsBuilder AddMicrosoftML(this MlOpsBuilder builder, params string[] assemblies)
    {
        ArgumentNullException.ThrowIfNull(assemblies);
        return builder.AddMicrosoftML(microsoftML => Allow(microsoftML, assemblies));
    }

    /// <summary>Registers the readers in a host, see <see cref="UseMicrosoftML(WorkspaceOptions, string[])"/>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Says which model files are read.</param>
    /// <exception cref="ArgumentException">A name is empty or no simple name, or a size is not positive.</exception>
    public static MlOpsBuilder AddMicrosoftML(this MlOpsBuilder builder, Action<MicrosoftMLOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        foreach (var format in Formats(configure)) format.AddToHost(builder);
        return builder;
    }

    private static IReadOnlyList<SavedFormat> Formats(Action<MicrosoftMLOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new MicrosoftMLOptions();
        configure(options);
        return MicrosoftMLReaders.All(options.Build());
    }

    private static void Allow(MicrosoftMLOptions options, string[] assemblies)
    {
        foreach (var assembly in assemblies) options.Assemblies.Add(assembly);
    }
}
