using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Xmtp.Gateway.Samples.Database;

/// <summary>The database of an app: who has paid.</summary>
public sealed class Plans(DbContextOptions<Plans> options) : DbContext(options)
{
    /// <summary>A row of each user.</summary>
    public DbSet<PlanOfUser> Users => Set<PlanOfUser>();
}

/// <summary>What a user has.</summary>
public sealed class PlanOfUser
{
    /// <summary>The user's id.</summary>
    [Key]
    public required string User { get; set; }

    /// <summary>Whether the plan is paid.</summary>
    public bool IsPaid { get; set; }
}
