using System.Reflection;
using System.Xml.Linq;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests;

/// <summary>Holds the arrows of docs/architecture.md: between the projects, and between the folders of Gateway.Core.</summary>
public class ArchitectureTests
{
    /// <summary>What each project may refer to by itself.</summary>
    private static readonly Dictionary<string, string[]> Projects = new()
    {
        ["Gateway.Crypto"] = [],
        ["Gateway.Protocol"] = ["Gateway.Crypto"],
        ["Gateway.Chain"] = ["Gateway.Crypto"],
        ["Gateway.Nethereum"] = ["Gateway.Chain"],
        ["Gateway.Hosting"] = ["Gateway.Chain"],
        ["Gateway.Transactions"] = ["Gateway.Chain", "Gateway.Crypto"],
        ["Gateway.Core"] = ["Gateway.Protocol", "Gateway.Chain", "Gateway.Hosting", "Gateway.Transactions"],
        ["Gateway.ServiceDefaults"] = ["Gateway.Hosting"],
        ["Gateway.Api"] = ["Gateway.Core", "Gateway.ServiceDefaults"],
        ["Gateway.ChainWatcher"] = ["Gateway.Hosting", "Gateway.ServiceDefaults"],
        ["Gateway.DevNet"] = ["Gateway.Core", "Gateway.Nethereum", "Gateway.ServiceDefaults"],
        ["Gateway.Aspire.Hosting"] = [],
        // The hosts are started as processes.
        ["Gateway.AppHost"] = ["Gateway.Api", "Gateway.ChainWatcher", "Gateway.DevNet", "Gateway.Nethereum"],
    };

    /// <summary>The packages that each library may refer to: none brings ASP.NET, and only Transactions brings Redis.</summary>
    private static readonly Dictionary<string, string[]> Packages = new()
    {
        ["Gateway.Crypto"] = ["Secp256k1.Net"],
        ["Gateway.Protocol"] = ["Google.Protobuf", "Grpc.Core.Api", "Grpc.Tools"],
        ["Gateway.Chain"] = ["Nethereum.RLP"],
        ["Gateway.Transactions"] =
        [
            "Microsoft.Extensions.DependencyInjection.Abstractions", "Microsoft.Extensions.Logging.Abstractions", "StackExchange.Redis",
        ],
    };

    /// <summary>Sources of another project that a project compiles too: what is too small for a reference between them.</summary>
    private static readonly Dictionary<string, string[]> SharedSources = new()
    {
        // Which exceptions of StackExchange.Redis mean that the store did not answer, for the nonce store.
        ["Gateway.Transactions"] = ["../Gateway.Hosting/Redis/StoreAnswers.cs"],
    };

    [Fact]
    public void Projects_refer_to_what_is_below_them()
    {
        var found = Projects.Keys.SelectMany(project => XDocument.Load(Path.Combine(Root(), project, project + ".csproj"))
            .Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))
                .Except(Projects[project]).Select(reference => $"{project} refers to {reference}"));
        Assert.Empty(found);
    }

    [Fact]
    public void Libraries_below_the_hosts_refer_to_their_packages_only()
    {
        var found = Packages.Keys.SelectMany(project => ReferencesOf(project)
            .Except(Packages[project]).Select(reference => $"{project} refers to {reference}"));
        Assert.Empty(found);
    }

    [Fact]
    public void Projects_compile_no_source_of_another_but_those_named_here()
    {
        var found = Projects.Keys.SelectMany(project => XDocument.Load(Path.Combine(Root(), project, project + ".csproj"))
            .Descendants("Compile")
                .Select(source => source.Attribute("Include")?.Value.Replace('\\', '/'))
                .Where(source => source?.StartsWith("../", StringComparison.Ordinal) == true)
                .Except(SharedSources.GetValueOrDefault(project, [])).Select(source => $"{project} compiles {source}"));
        Assert.Empty(found);
    }

    [Fact]
    public void The_chain_watcher_does_not_reference_the_gateway()
    {
        var carried = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "xmtp-chain-watcher.deps.json"));
        foreach (var part in new[] { "Xmtp.Gateway/", "Xmtp.Gateway.Protocol/", "Grpc.AspNetCore", "Microsoft.IdentityModel" })
            Assert.DoesNotContain($"\"{part}", carried, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_of_the_core_do_not_use_each_other_in_a_circle()
    {
        var uses = typeof(Microsoft.Extensions.Hosting.XmtpGatewayBuilderExtensions).Assembly.GetTypes()
            .SelectMany(
                type => UsedTypes.Of(type)
                    .Where(used => used.Assembly == type.Assembly)
                    .Select(used => (From: FolderOf(type), To: FolderOf(used), By: $"{Outer(type)} → {Outer(used)}")))
            .Where(use => use.From is not null && use.To is not null && use.From != use.To)
            .ToLookup(use => (use.From, use.To), use => use.By);
        // A folder that uses none of those left is in no circle; the rest are in one, or use one that is.
        var left = uses.SelectMany(use => new[] { use.Key.From, use.Key.To }).ToHashSet();
        while (left.RemoveWhere(folder => !uses.Any(use => use.Key.From == folder && left.Contains(use.Key.To))) > 0)
        {
        }

        var circles = uses.Where(use => left.Contains(use.Key.From) && left.Contains(use.Key.To))
            .Select(use => $"{use.Key.From} → {use.Key.To}: {string.Join(", ", use.Distinct().Order(StringComparer.Ordinal))}").Order();
        Assert.Empty(circles);
    }

    [Fact]
    public void No_two_log_messages_share_an_event_id()
    {
        var messages = Assemblies.SelectMany(assembly => assembly.GetTypes())
            .SelectMany(
                type => type.GetMethods(
                    BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(
                method => (
                    Id: method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId,
                    Name: $"{method.DeclaringType!.FullName}.{method.Name}"))
            .Where(message => message.Id is not null).ToLookup(message => message.Id, message => message.Name);
        Assert.NotEmpty(messages);
        var shared = messages.Where(id => id.Count() > 1).Select(id => $"{id.Key}: {string.Join(", ", id)}").ToList();
        Assert.Empty(shared);
    }

    private static IEnumerable<Assembly> Assemblies =>
        Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Where(file => Path.GetFileName(file) is var name && Ours.Any(begin => name.StartsWith(begin, StringComparison.Ordinal)))
                .Select(file => Assembly.Load(AssemblyName.GetAssemblyName(file)));

    private static string[] Ours => ["Gateway.", "Xmtp.Gateway.", "xmtp-"];

    // The part of the namespace after Xmtp.Gateway. AddXmtpGateway stands in the host's own namespace. Publishing holds the
    // types that all folders share, and Publishing/Pipeline, above them, what calls them in order. Doctor is a command, which builds a
    // gateway; Doctor/Findings are below the page of a running one.
    private static string? FolderOf(Type type) => type.Namespace?.Split('.') switch
    {
        ["Xmtp", "Gateway", "Publishing", "Pipeline"] => "Publishing/Pipeline",
        ["Xmtp", "Gateway", "Doctor", "Findings"] => "Doctor/Findings",
        ["Xmtp", "Gateway", var folder, ..] => folder,
        ["Microsoft", ..] => "Hosting",
        _ => null,
    };

    private static string Outer(Type type) => type.DeclaringType is { } outer ? Outer(outer) : type.Name;

    // A framework such as Microsoft.AspNetCore.App counts as a package, and so does an SDK that brings one.
    private static IEnumerable<string> ReferencesOf(string project)
    {
        var file = XDocument.Load(Path.Combine(Root(), project, project + ".csproj"));
        return file.Descendants().Where(item => item.Name.LocalName is "PackageReference" or "FrameworkReference")
            .Select(item => item.Attribute("Include")!.Value)
            .Append(file.Root!.Attribute("Sdk")!.Value).Where(reference => reference != "Microsoft.NET.Sdk");
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gateway.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
