using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>A server on loopback that serves the trained workspace, or an empty one.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly TempFolder _folder;

    private TestApp(WebApplication app, TempFolder folder)
    {
        (App, _folder) = (app, folder);
        Address = new Uri(app.Urls.Single());
        Client = NewClient("ann");
        Anonymous = NewClient(null);
        Admin = NewClient("admin-eve");
    }

    public WebApplication App { get; }

    public Uri Address { get; }

    /// <summary>A caller with a name.</summary>
    public HttpClient Client { get; }

    public HttpClient Anonymous { get; }

    /// <summary>A caller who may change releases.</summary>
    public HttpClient Admin { get; }

    public Workspace Workspace => App.Services.GetRequiredService<Workspace>();

    public ConcurrentQueue<string> Log { get; private init; } = [];

    public static async Task<TestApp> StartAsync(
        Action<ModelServingOptions>? configure = null,
        bool trained = true,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? map = null,
        Action<MlOpsBuilder>? library = null,
        Func<string, Task>? prepare = null,
        bool servesAll = false)
    {
        var folder = new TempFolder();
        var log = new ConcurrentQueue<string>();
        try
        {
            if (trained) TrainedWorkspace.CopyTo(folder["workspace"]);
            if (prepare is not null) await prepare(folder["workspace"]);
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            builder.Logging.ClearProviders().AddProvider(new QueueLogger(log)).SetMinimumLevel(LogLevel.Debug);
            builder.Services.AddAuthentication(HeaderAuthentication.SchemeName)
                .AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>(HeaderAuthentication.SchemeName, null);
            builder.Services.AddAuthorizationBuilder().AddPolicy("release", policy => policy.RequireClaim("release"));
            var added = builder.Services
                .AddMlOps(options =>
                {
                    options.Workspace = folder["workspace"];
                    options.Actor = "server";
                    options.PromotionInterval = TimeSpan.FromHours(1);
                })
                .AddServedModels(servesAll ? [] : [SampleLifecycle.Name])
                .AddModelServing(configure);
            library?.Invoke(added);
            services?.Invoke(builder.Services);
            var app = builder.Build();
            (map ?? (mapped => mapped.MapModels()))(app);
            await app.StartAsync();
            return new TestApp(app, folder) { Log = log };
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public HttpClient NewClient(string? user)
    {
        var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(1) };
        if (user is not null) client.DefaultRequestHeaders.Add("X-User", user);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Anonymous.Dispose();
        Admin.Dispose();
        await App.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Sends a body.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, string body, string type = "application/json", HttpClient? client = null) =>
        (client ?? Client).PostAsync(path, new StringContent(body, Encoding.UTF8, type));

    /// <summary>Predicts, and reads the answer.</summary>
    public async Task<JsonElement> PredictAsync(string body)
    {
        using var answer = await PostAsync($"/models/{SampleLifecycle.Name}/predict", body);
        return await ReadAsync(answer, HttpStatusCode.OK);
    }

    /// <summary>Makes sure that the server answers as it always does.</summary>
    public async Task RequireAliveAsync()
    {
        // On a connection of its own: the server may be about to close the one of a request that it rejected.
        using var client = NewClient("ann");
        using var answered = await PostAsync($"/models/{SampleLifecycle.Name}/predict", Rows.One, client: client);
        var answer = await ReadAsync(answered, HttpStatusCode.OK);
        Assert.That(answer.GetProperty("predictions").GetArrayLength(), Is.EqualTo(1));
    }

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(status), text);
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private sealed class QueueLogger(ConcurrentQueue<string> log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id is >= 10100 and < 10200 || logLevel >= LogLevel.Error) log.Enqueue(
                $"{eventId.Id} {formatter(state, exception)}");
        }

        public void Dispose()
        {
        }
    }
}
