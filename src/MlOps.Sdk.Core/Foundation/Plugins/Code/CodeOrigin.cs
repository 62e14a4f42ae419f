namespace MlOps.Sdk.Plugins;

/// <summary>Whose code an assembly holds.</summary>
internal enum CodeOrigin
{
    /// <summary>The runtime and the libraries that come with it.</summary>
    Framework,

    /// <summary>This library and its packages: identified by their version.</summary>
    Library,

    /// <summary>A package that the application references: identified by the version of its module.</summary>
    Package,

    /// <summary>The application: identified by its IL.</summary>
    User,
}
