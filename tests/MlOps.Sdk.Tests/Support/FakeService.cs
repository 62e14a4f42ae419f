using System.Collections.Specialized;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;

namespace MlOps.Sdk.Tests;

/// <summary>A service on loopback, on a port that the system chooses, which a test answers for. Thread-safe.</summary>
internal abstract class FakeService : IAsyncDisposable
{
    private readonly WebApplication _app;

    protected FakeService()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0);
            options.Limits.MaxRequestBodySize = null;
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
        _app.Start();
        Address = new Uri(_app.Urls.Single());
    }

    public Uri Address { get; }

    /// <summary>The media type of answers.</summary>
    protected abstract string ContentType { get; }

    protected abstract (int Status, byte[] Body) Answer(FakeRequest request);

    public async ValueTask DisposeAsync()
    {
        // Whoever still waits for an answer gets none.
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content);
        var headers = new NameValueCollection();
        foreach (var (name, value) in context.Request.Headers) headers[name] = value;
        var query = new NameValueCollection();
        foreach (var (name, value) in context.Request.Query) query[name] = value;
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var (status, body) = Answer(new FakeRequest(context.Request.Method, new Uri(Address, target), headers, query, content.ToArray()));
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        await context.Response.Body.WriteAsync(body);
    }
}
