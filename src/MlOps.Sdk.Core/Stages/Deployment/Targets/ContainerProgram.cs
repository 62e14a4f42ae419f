using System.Globalization;
using System.Reflection;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// The files of a container context that follow from the release and the key: the same release gives the same bytes with the same version
/// of the library.
/// </summary>
internal static class ContainerProgram
{
    public const string PublicKeyName = "public-key.pem";

    private const string SourceLine = "    <RestoreAdditionalProjectSources>$(MSBuildProjectDirectory)/" +
        ProgramPackages.FolderName + "</RestoreAdditionalProjectSources>";

    /// <summary>The version of the library, which the program in the container uses as well.</summary>
    public static string LibraryVersion { get; } = typeof(ContainerProgram).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The text files by name.</summary>
    public static IReadOnlyDictionary<string, string> FilesOf(Release release, string publicKey, ProgramPackages packages) =>
        new Dictionary<string, string>
        {
            [".dockerignore"] = "bin/\nobj/\n",
            ["Directory.Packages.props"] = Versions(packages),
            ["Dockerfile"] = Dockerfile(release, packages),
            ["Program.cs"] = Program(release),
            ["README.md"] = Readme(release, packages),
            ["Server.csproj"] = Project(release, packages),
            [PublicKeyName] = publicKey,
        };

    private static string FolderOf(ProgramPackages packages, string line) => packages.Carried.Count > 0 ? $"\n{line}" : "";

    private static string Dockerfile(Release release, ProgramPackages packages) => string.Create(CultureInfo.InvariantCulture, $$"""
        FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
        WORKDIR /src
        COPY Server.csproj Directory.Packages.props ./{{CopyOf(packages)}}
        RUN dotnet restore Server.csproj
        COPY Program.cs {{PublicKeyName}} ./
        COPY releases/{{release.Endpoint}}/ releases/{{release.Endpoint}}/
        RUN dotnet publish Server.csproj -c Release --no-restore -o /app && chmod -R a+rX /app

        FROM mcr.microsoft.com/dotnet/aspnet:10.0
        LABEL org.opencontainers.image.title="{{release.Endpoint}}"
        LABEL org.opencontainers.image.version="{{release.Version}}"
        LABEL org.opencontainers.image.created="{{release.PromotedAt:yyyy-MM-dd'T'HH:mm:ss'Z'}}"
        LABEL mlops.sdk.content-hash="{{release.ContentHash}}"
        WORKDIR /app
        COPY --from=build /app .
        ENV ASPNETCORE_HTTP_PORTS=8080
        EXPOSE 8080
        USER $APP_UID
        HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["dotnet", "Server.dll", "--health"]
        ENTRYPOINT ["dotnet", "Server.dll"]

        """).ReplaceLineEndings("\n");

    private static string CopyOf(ProgramPackages packages) => FolderOf(
        packages,
        "COPY " + string.Concat(packages.Carried.Select(path => $"{ProgramPackages.FolderName}/{Path.GetFileName(path)} ")) +
            $"{ProgramPackages.FolderName}/");

    // The versions of all packages, also of those that others bring: what is restored is what the bill of materials lists.
    private static string Versions(ProgramPackages packages) => $"""
        <Project>
          <PropertyGroup>
            <ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally>
            <CentralPackageTransitivePinningEnabled>true</CentralPackageTransitivePinningEnabled>
          </PropertyGroup>
          <ItemGroup>
        {string.Join('\n', packages.All.Select(VersionOf))}
          </ItemGroup>
        </Project>

        """.ReplaceLineEndings("\n");

    private static string VersionOf(ServerPackage package) =>
        $"    <PackageVersion Include=\"{package.Name}\" Version=\"{package.Version}\" />";

    // What somebody adds to the context is neither compiled nor published: the program is this one, with this release.
    private static string Project(Release release, ProgramPackages packages) => $"""
        <Project Sdk="Microsoft.NET.Sdk.Web">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <InvariantGlobalization>true</InvariantGlobalization>
            <UseAppHost>false</UseAppHost>
            <EnableDefaultItems>false</EnableDefaultItems>{FolderOf(packages, SourceLine)}
          </PropertyGroup>
          <ItemGroup>
            <Compile Include="Program.cs" />
          </ItemGroup>
          <ItemGroup>
            <PackageReference Include="MlOps.Sdk" />
            <PackageReference Include="MlOps.Sdk.AspNetCore" />
          </ItemGroup>
          <ItemGroup>
            <None Include="releases/{release.Endpoint}/*;{PublicKeyName}" CopyToPublishDirectory="Always" />
          </ItemGroup>
        </Project>

        """.ReplaceLineEndings("\n");

    // Callers are known by keys of the environment. Without a key it does not start, unless anonymous predictions are allowed.
    // No release is served that is older than the one which the image was built with, also where another folder is mounted.
    private static string Program(Release release) => string.Create(CultureInfo.InvariantCulture, $$"""
        using System.Security.Claims;
        using System.Security.Cryptography;
        using System.Text;
        using System.Text.Encodings.Web;
        using Microsoft.AspNetCore.Authentication;
        using Microsoft.AspNetCore.Server.Kestrel.Core;
        using Microsoft.Extensions.Configuration.Memory;
        using Microsoft.Extensions.Options;
        using MlOps.Sdk;
        using MlOps.Sdk.Packaging;

        const string Model = "{{release.Endpoint}}";
        if (args is ["--health"])
        {
            try
            {
                var port = (Environment.GetEnvironmentVariable("ASPNETCORE_HTTP_PORTS") ?? "8080").Split(';')[0];
                using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
                using var answer = await client.GetAsync($"http://127.0.0.1:{port}/models/health/ready");
                return answer.IsSuccessStatusCode ? 0 : 1;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                return 1;
            }
        }

        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults.Values });
        builder.Services.Configure<KestrelServerOptions>(builder.Configuration.GetSection("Kestrel"));
        var isSageMaker = args.Contains("serve"); // SageMaker sends no credentials, and nobody else reaches its containers
        if (isSageMaker) builder.Configuration["Serving:AllowAnonymousPredictions"] = "true";
        builder.Configuration["MlOps:Workspace"] ??= Path.Combine(Path.GetTempPath(), "mlops");
        builder.Configuration["MlOps:ReleasesNotBefore"] ??= "{{release.PromotedAt:O}}";
        if (!builder.Configuration.GetValue("Serving:AllowAnonymousPredictions", false)) Keys.Require(builder.Configuration);
        builder.Services.AddSingleton(new PackageTrust(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "{{PublicKeyName}}"))));
        builder.Services.AddAuthentication("key").AddScheme<AuthenticationSchemeOptions, Keys>("key", null);
        builder.Services.AddAuthorization();
        builder.Services.AddProblemDetails(); // with UseStatusCodePages: a body for 401, 403 and 405
        builder.Services
            .AddMlOps(builder.Configuration.GetSection("MlOps"))
            .AddMicrosoftML()
            .AddServedModels(Model)
            .FollowReleases(Path.Combine(AppContext.BaseDirectory, "releases"))
            .AddModelServing(builder.Configuration.GetSection("Serving"));
        var app = builder.Build();
        app.UseStatusCodePages(); // before the two that answer 401 and 403
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapModels();
        app.MapOpenInference();
        if (isSageMaker) app.MapSageMaker(Model);
        await app.RunAsync();
        return 0;

        // What the environment and the command line may set otherwise.
        internal static class Defaults
        {
            public static Dictionary<string, string?> Values { get; } = new()
            {
                ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning", // no line for each request
                ["Logging:LogLevel:Keys"] = "Warning", // no line for each caller without a key
                ["Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel.Connections"] = "Error", // no line for each rejected connection
                ["Kestrel:AddServerHeader"] = "false",
                ["Kestrel:Limits:MaxConcurrentConnections"] = "4000",
                ["Kestrel:Limits:MaxRequestBufferSize"] = "65536",
                ["Kestrel:Limits:MaxRequestHeadersTotalSize"] = "16384",
                ["Kestrel:Limits:KeepAliveTimeout"] = "00:00:15",
                ["Kestrel:Limits:RequestHeadersTimeout"] = "00:00:10",
            };
        }

        internal sealed class Keys(
            IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IConfiguration configuration)
            : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
        {
            public static void Require(IConfiguration configuration)
            {
                var keys = configuration.GetSection("Keys").GetChildren().ToArray();
                if (keys.Length > 0 && keys.All(key => key.Value is { Length: >= 32 })) return;
                throw new InvalidOperationException("Set Keys__<name> to a key of at least 32 characters for each caller.");
            }

            protected override Task<AuthenticateResult> HandleAuthenticateAsync()
            {
                if (Request.Headers["X-Api-Key"] is not [{ } given]) return Task.FromResult(AuthenticateResult.NoResult());
                string? name = null;
                foreach (var key in configuration.GetSection("Keys").GetChildren()) // always all of them: the time tells nothing
                {
                    if (CryptographicOperations.FixedTimeEquals(Hash(given), Hash(key.Value!))) name = key.Key;
                }

                if (name is null) return Task.FromResult(AuthenticateResult.Fail("The key is unknown."));
                var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], Scheme.Name));
                return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name)));
            }

            private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
        }

        """).ReplaceLineEndings("\n");

    private static string Readme(Release release, ProgramPackages packages) => string.Create(CultureInfo.InvariantCulture, $"""
        # {release.Endpoint}, version {release.Version}

        Build and run it:

            docker build -t {release.Endpoint}:{release.Version} .
            docker run -p 8080:8080 -e Keys__shop="$KEY" {release.Endpoint}:{release.Version}

        | Variable | What it is |
        |---|---|
        | `Keys__<name>` | the key of a caller, at least 32 characters, sent as `X-Api-Key`; without one the program does not start |
        | `Serving__AllowAnonymousPredictions` | `true` lets anybody predict who reaches the container |
        | `MlOps__Workspace` | where predictions and labels are kept. Default: `/tmp/mlops`, which is lost with the container |
        | `Serving__RequestBytes`, `Serving__BatchRows`, … | the limits of requests |
        | `Kestrel__Limits__MaxConcurrentConnections`, … | the limits of connections. Default: 4,000, 64 KiB of each, 15 s idle |
        | `Logging__LogLevel__Microsoft.AspNetCore` | what is logged of requests. Default: `Warning` |
        | `MlOps__ReleasesNotBefore` | releases that went live before this moment are not served. Default: the one of this release |

        `POST /models/{release.Endpoint}/predict` predicts, and so does the Open Inference Protocol, which KServe speaks:
        `POST /v2/models/{release.Endpoint}/infer`. `GET /models/health/ready` says whether the model is served. With the argument `serve`,
        the program answers as a container of Amazon SageMaker, without keys.

        `Directory.Packages.props` has the versions of all packages. Those of MlOps.Sdk are {(packages.Carried.Count > 0
            ? $"in `{ProgramPackages.FolderName}/`, because the application that wrote this has them from a folder"
            : "restored from nuget.org")}; the others are restored from nuget.org.

        The program serves only a release that the key in `{PublicKeyName}` signed. The files are written by the library; changed ones
        are replaced.

        """).ReplaceLineEndings("\n");
}
