using System.Net;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>The target alone: what it sends is taken up by a workspace in this process. The server is tested with it elsewhere.</summary>
public sealed class HttpTargetContract : DeploymentTargetContract
{
    private PackageSigner? _signer;
    private TemporaryWorkspace? _server;
    private HttpClient? _client;

    [TearDown]
    public async Task CloseAsync()
    {
        _client?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        _signer?.Dispose();
    }

    protected override IDeploymentTarget Create(Workspace workspace)
    {
        var signer = _signer = PackageSigner.Create();
        _server = TemporaryWorkspace.OpenAsync(
            options => options.Trust = new PackageTrust(signer.PublicKey)).GetAwaiter().GetResult();
        _client = new HttpClient(new Server(_server));
        return new HttpTarget(
            HttpTarget.Check(new Uri("https://scoring.example.com/models")),
            new HttpTargetOptions { Client = _client },
            new OutgoingReleases(signer, workspace.Readers),
            TimeProvider.System);
    }

    private sealed class Server(TemporaryWorkspace workspace) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var model = Uri.UnescapeDataString(request.RequestUri!.Segments[2].TrimEnd('/'));
            if (request.Method == HttpMethod.Get)
            {
                return workspace.Workspace.FindSlot(model)?.Current is { } served
                    ? Answer($$"""{"version":{{served.Version}},"contentHash":"{{served.Package.ContentHash}}"}""")
                    : new HttpResponseMessage(HttpStatusCode.NotFound);
            }
            try
            {
                var received = await workspace.Workspace.Receiver.ReceiveAsync(
                    await request.Content!.ReadAsByteArrayAsync(cancellationToken), model, cancellationToken);
                var (version, hash, live) = (received.Version, received.ContentHash, received.LiveVersion);
                return Answer($$"""{"version":{{version}},"contentHash":"{{hash}}","liveVersion":{{live}}}""");
            }
            catch (MlOpsException e)
            {
                return new HttpResponseMessage(HttpStatusCode.UnprocessableEntity) { Content = new StringContent(e.Message) };
            }
        }

        private static HttpResponseMessage Answer(string json) => new(HttpStatusCode.OK) { Content = new StringContent(json) };
    }
}
