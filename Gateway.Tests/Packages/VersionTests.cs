using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Xmtp.Gateway.Tests.Packages;

/// <summary>The version of the sources, and the files that name it because they are used without a build.</summary>
public partial class VersionTests
{
    [Theory]
    [InlineData("templates/xmtp-gateway/.template.config/template.json", "\"defaultValue\": \"([^\"]+)\"")]
    [InlineData("npm/gateway/package.json", "\"version\": \"([^\"]+)\"")]
    [InlineData("deploy/kubernetes/overlays/example/kustomization.yaml", "newTag: (\\S+)")]
    [InlineData("deploy/kubernetes/README.md", "REGISTRY/[a-z-]+:(\\S+)")]
    public void A_file_that_names_the_version_names_that_of_the_sources(string file, string pattern)
    {
        var named = Regex.Matches(Read(file), pattern).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(named);
        Assert.All(named, version => Assert.Equal(SourceVersion().Match(Read("Directory.Build.props")).Groups[1].Value, version));
    }

    private static string Read(string path, [CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", path));

    [GeneratedRegex("<SourceVersion>(.+)</SourceVersion>")]
    private static partial Regex SourceVersion();
}
